package org.skerry.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;

/** One stream between two hosts over TCP, Noise and Yamux. */
final class SkerryTransfer implements Transfer {
  static final String VARIANT = "skerry-tcp-noise-yamux";
  private static final String SINK = "/skerry/bench/sink/1.0.0";
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Host server;
  private final Host client;
  private final Stream stream;

  SkerryTransfer() throws IOException {
    server = host();
    client = host();
    server.handle(SINK, SkerryTransfer::sink);
    Multiaddr address = server.listenAddresses().getFirst().withPeerId(server.peerId());
    client.connect(address, LIMIT);
    stream = client.open(server.peerId(), List.of(SINK), LIMIT);
    stream.timeout(LIMIT);
  }

  private static Host host() throws IOException {
    Multiaddr loopback = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");
    return TcpHost.start(
        PrivateKey.generate(new SecureRandom()), HostConfig.listening("bench", loopback));
  }

  /** Reads as many bytes as an eight-byte head says and answers with one byte, again and again. */
  private static void sink(Stream stream) throws IOException {
    stream.timeout(LIMIT);
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    ByteBuffer head = ByteBuffer.allocate(Long.BYTES);
    while (true) {
      while (head.hasRemaining()) {
        if (stream.read(head) < 0) {
          return;
        }
      }
      long left = head.flip().getLong();
      while (left > 0) {
        buffer.clear().limit((int) Math.min(left, CHUNK_BYTES));
        int size = stream.read(buffer);
        if (size < 0) {
          return;
        }
        left -= size;
      }
      head.clear();
      stream.write(ByteBuffer.allocate(1));
    }
  }

  @Override
  public String variant() {
    return VARIANT;
  }

  @Override
  public void move(long bytes) throws IOException {
    stream.write(ByteBuffer.allocate(Long.BYTES).putLong(bytes).flip());
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    for (long left = bytes; left > 0; left -= chunk.limit()) {
      chunk.clear().limit((int) Math.min(left, CHUNK_BYTES));
      stream.write(chunk);
    }
    stream.readFully(1);
  }

  @Override
  public void close() {
    stream.close();
    client.close();
    server.close();
  }
}
