package org.skerry.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.HostLimits;
import org.skerry.libp2p.host.TcpHost;

/** Streams between two hosts, over one connection. */
final class SkerryTransfer implements Transfer {
  private static final String SINK = "/skerry/bench/sink/1.0.0";
  private static final String ECHO = "/skerry/bench/echo/1.0.0";
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int REQUEST_BYTES = 1024;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final Wire wire;
  private final Host server;
  private final Host client;
  private final List<Stream> streams = new ArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @param count of streams that share what is moved
   */
  SkerryTransfer(Wire wire, int count) throws IOException {
    this.wire = wire;
    server = host();
    client = host();
    server.handle(SINK, SkerryTransfer::sink);
    server.handle(ECHO, SkerryTransfer::echo);
    Multiaddr address = server.listenAddresses().getFirst().withPeerId(server.peerId());
    client.connect(address, LIMIT);
    for (int i = 0; i < count; i++) {
      Stream stream = client.open(server.peerId(), List.of(SINK), LIMIT);
      stream.timeout(LIMIT);
      streams.add(stream);
    }
  }

  /** What the transfer is called in a report. */
  static String variant(Wire wire, int streams) {
    return "skerry-%s-%d".formatted(wire.layers(), streams);
  }

  private Host host() throws IOException {
    return TcpHost.start(
        PrivateKey.generate(new SecureRandom()),
        new HostConfig(
            List.of(wire.listen()), "skerry/bench", HostLimits.DEFAULT, wire.security()));
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

  private static void echo(Stream stream) throws IOException {
    stream.timeout(LIMIT);
    ByteBuffer buffer = ByteBuffer.allocate(REQUEST_BYTES);
    while (stream.read(buffer.clear()) >= 0) {
      stream.write(buffer.flip());
    }
  }

  @Override
  public String variant() {
    return variant(wire, streams.size());
  }

  @Override
  public void move(long bytes) throws IOException {
    List<Future<?>> moving = new ArrayList<>();
    for (Stream stream : streams) {
      moving.add(threads.submit(() -> move(stream, bytes / streams.size())));
    }
    for (Future<?> future : moving) {
      try {
        future.get();
      } catch (ExecutionException | InterruptedException e) {
        throw new IOException("a stream ended early", e);
      }
    }
  }

  private static Void move(Stream stream, long bytes) throws IOException {
    stream.write(ByteBuffer.allocate(Long.BYTES).putLong(bytes).flip());
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    for (long left = bytes; left > 0; left -= chunk.limit()) {
      chunk.clear().limit((int) Math.min(left, CHUNK_BYTES));
      stream.write(chunk);
    }
    stream.readFully(1);
    return null;
  }

  /**
   * Asks and is answered, a kibibyte each, while the streams move bytes over the same connection.
   *
   * @return the round trips in milliseconds, ascending
   */
  List<Double> requestsUnderBulk(long bytes) throws Exception {
    List<Double> millis = new ArrayList<>();
    Future<Void> bulk =
        threads.submit(() -> {
          move(bytes);
          return null;
        });
    ByteBuffer request = ByteBuffer.allocate(REQUEST_BYTES);
    try (Stream stream = client.open(server.peerId(), List.of(ECHO), LIMIT)) {
      while (!bulk.isDone()) {
        long start = System.nanoTime();
        stream.write(request.clear());
        stream.readFully(REQUEST_BYTES);
        millis.add((System.nanoTime() - start) / 1e6);
      }
    }
    bulk.get();
    Collections.sort(millis);
    return millis;
  }

  @Override
  public void close() {
    streams.forEach(Stream::close);
    threads.shutdownNow();
    client.close();
    server.close();
  }
}
