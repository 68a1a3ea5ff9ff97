package org.skerry.libp2p.pnet;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.bouncycastle.crypto.engines.XSalsa20Engine;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts all that a channel carries under a {@link PreSharedKey}: each side sends a random nonce
 * of 24 bytes, then XSalsa20. There is no tag; but what follows begins with a known message, and
 * whose first bytes are another one does not have the key. Owned by its channel's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
public final class PrivateNetworkHandler extends ChannelDuplexHandler {
  static final int NONCE_BYTES = 24;

  /** What every connection begins with, in the clear or under the key. */
  private static final byte[] GREETING = "\u0013/multistream/1.0.0\n".getBytes(US_ASCII);

  private final PreSharedKey key;
  private final SecureRandom random;
  private final BiConsumer<PrivateNetworkRejection, String> rejected;
  private final XSalsa20Engine sending = new XSalsa20Engine();
  private final byte[] remoteNonce = new byte[NONCE_BYTES];
  private int remoteNonceRead;
  private @Nullable XSalsa20Engine receiving;
  private int greetingRead;
  private boolean over;

  /**
   * @param rejected told once when the other side is not of this network, and closes the channel
   */
  public PrivateNetworkHandler(
      PreSharedKey key, SecureRandom random, BiConsumer<PrivateNetworkRejection, String> rejected) {
    this.key = key;
    this.random = random;
    this.rejected = rejected;
  }

  private void start(XSalsa20Engine cipher, byte[] nonce) {
    cipher.init(true, new ParametersWithIV(new KeyParameter(key.bytes()), nonce));
  }

  /** On an active channel. */
  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    start(sending, nonce);
    ctx.writeAndFlush(Unpooled.wrappedBuffer(nonce), ctx.voidPromise());
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    ByteBuf in = (ByteBuf) msg;
    try {
      ctx.write(crypt(ctx, sending, in), promise);
    } finally {
      in.release();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    try {
      XSalsa20Engine cipher = receiving;
      if (cipher == null) {
        cipher = nonce(in);
      }
      if (cipher != null && in.isReadable() && !over) {
        ByteBuf plain = crypt(ctx, cipher, in);
        if (isGreeted(plain)) {
          ctx.fireChannelRead(plain);
        } else {
          plain.release();
          reject(
              PrivateNetworkRejection.OTHER_KEY,
              "it has another key than this private network's: give both the same key file");
        }
      }
    } finally {
      in.release();
    }
  }

  /** Takes the remote's nonce; nothing until all of it is there. */
  private @Nullable XSalsa20Engine nonce(ByteBuf in) {
    int size = Math.min(in.readableBytes(), NONCE_BYTES - remoteNonceRead);
    in.readBytes(remoteNonce, remoteNonceRead, size);
    remoteNonceRead += size;
    if (remoteNonceRead >= GREETING.length
        && Arrays.equals(remoteNonce, 0, GREETING.length, GREETING, 0, GREETING.length)) {
      reject(
          PrivateNetworkRejection.NO_KEY,
          "it is in no private network, and this host is in one: give it the same key file");
    } else if (remoteNonceRead == NONCE_BYTES) {
      XSalsa20Engine cipher = new XSalsa20Engine();
      start(cipher, remoteNonce);
      receiving = cipher;
      return cipher;
    }
    return null;
  }

  private static ByteBuf crypt(ChannelHandlerContext ctx, XSalsa20Engine cipher, ByteBuf in) {
    int size = in.readableBytes();
    ByteBuf out = ctx.alloc().heapBuffer(Math.max(1, size));
    int at = out.arrayOffset();
    in.readBytes(out.array(), at, size);
    cipher.processBytes(out.array(), at, size, out.array(), at);
    return out.writerIndex(size);
  }

  /** Whether what has come so far is, or may become, what a member says first. */
  private boolean isGreeted(ByteBuf plain) {
    int at = plain.readerIndex();
    while (greetingRead < GREETING.length && at < plain.writerIndex()) {
      if (plain.getByte(at++) != GREETING[greetingRead++]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended();
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ended();
    ctx.fireExceptionCaught(cause);
  }

  private void ended() {
    if (greetingRead < GREETING.length) {
      reject(
          PrivateNetworkRejection.UNPROVEN,
          "it ended the connection before it showed that it has this private network's key: it may"
              + " have another, or none, or no room");
    }
  }

  private void reject(PrivateNetworkRejection why, String detail) {
    if (!over) {
      over = true;
      rejected.accept(why, detail);
    }
  }
}
