package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.LongSupplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tokens of Retry packets (RFC 9000, section 8.1.2): who brings one back receives what is sent to
 * the address that it was made for. Every dialler has to, since what is counted by address must not
 * be used up by those who only claim one. Owned by its socket's event loop.
 *
 * <pre>
 * token = time (8 bytes) ‖ MAC (16) ‖ first destination connection id
 * MAC   = HMAC-SHA256(key, time ‖ port ‖ IP address ‖ id) to 16 bytes
 * </pre>
 */
final class RetryTokens implements QuicTokenHandler {
  static final long VALID_NANOS = 10_000_000_000L;

  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;
  private static final int MAC_BYTES = 16;
  private static final int HEAD_BYTES = Long.BYTES + MAC_BYTES;

  private final Mac mac;
  private final LongSupplier nanoTime;

  /** Makes tokens that no other instance takes. */
  RetryTokens(SecureRandom random, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    byte[] key = new byte[KEY_BYTES];
    random.nextBytes(key);
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(ALGORITHM + " is part of every platform", e);
    }
  }

  @Override
  public boolean writeToken(ByteBuf out, ByteBuf id, InetSocketAddress address) {
    byte[] first = bytes(id);
    long time = nanoTime.getAsLong();
    out.writeLong(time).writeBytes(mac(time, address, first)).writeBytes(first);
    return true;
  }

  @Override
  public int validateToken(ByteBuf token, InetSocketAddress address) {
    int idBytes = token.readableBytes() - HEAD_BYTES;
    if (idBytes < 0 || idBytes > Quic.MAX_CONN_ID_LEN) {
      return -1;
    }
    long time = token.readLong();
    byte[] given = new byte[MAC_BYTES];
    token.readBytes(given);
    long age = nanoTime.getAsLong() - time;
    boolean ours = MessageDigest.isEqual(given, mac(time, address, bytes(token)));
    return ours && age <= VALID_NANOS ? HEAD_BYTES : -1;
  }

  private byte[] mac(long time, InetSocketAddress address, byte[] id) {
    byte[] ip = address.getAddress().getAddress(); // 4 or 16 bytes
    ByteBuffer head = ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES);
    mac.update(head.putLong(time).putInt(address.getPort()).putInt(ip.length).array());
    mac.update(ip);
    return Arrays.copyOf(mac.doFinal(id), MAC_BYTES);
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] out = new byte[buffer.readableBytes()];
    buffer.getBytes(buffer.readerIndex(), out);
    return out;
  }

  @Override
  public int maxTokenLength() {
    return HEAD_BYTES + Quic.MAX_CONN_ID_LEN;
  }
}
