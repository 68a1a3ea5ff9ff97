package org.skerry.interop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;

/**
 * The Java side of {@code js/streams.mjs}: serves the same protocols and asks for the same things.
 */
final class TestProtocols {
  static final String ECHO = "/skerry/test/echo/1.0.0";
  static final String DIGEST = "/skerry/test/digest/1.0.0";
  static final String RESET = "/skerry/test/reset/1.0.0";
  static final String HOLD = "/skerry/test/hold/1.0.0";
  static final String PING = "/ipfs/ping/1.0.0";

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int CHUNK_BYTES = 64 * 1024;

  private final Host host;

  /** How each inbound hold stream ended: a reason's name, or "closed". */
  final List<String> held = new CopyOnWriteArrayList<>();

  TestProtocols(Host host) {
    this.host = host;
    host.handle(ECHO, TestProtocols::echoBack);
    host.handle(DIGEST, TestProtocols::answerDigest);
    host.handle(
        RESET,
        stream -> {
          stream.readFully(1);
          stream.reset();
        });
    host.handle(HOLD, this::hold);
  }

  private static void echoBack(Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    while (stream.read(buffer) >= 0) {
      stream.write(buffer.flip());
      buffer.clear();
    }
    stream.closeWrite();
  }

  private static void answerDigest(Stream stream) throws IOException {
    MessageDigest digest = sha256();
    readToEnd(stream, digest);
    stream.write(ByteBuffer.wrap(digest.digest()));
    stream.closeWrite();
  }

  private void hold(Stream stream) throws IOException {
    try {
      stream.write(ByteBuffer.wrap(stream.readFully(1)));
      readToEnd(stream, sha256());
      held.add("closed");
    } catch (Libp2pException e) {
      held.add(e.reason().name());
      throw e;
    }
  }

  /** What went out and what came back, as hex SHA-256. */
  record Echo(String sent, String received, long bytes) {}

  Echo echo(PeerId peer, int chunks, long seed) throws Exception {
    try (Stream stream = open(peer, ECHO);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      MessageDigest received = sha256();
      Callable<Long> reading = () -> readToEnd(stream, received);
      Future<Long> bytesRead = threads.submit(reading);
      String sent = writeRandom(stream, chunks, seed);
      long bytes = bytesRead.get();
      return new Echo(sent, hex(received), bytes);
    }
  }

  /** Echoes on many streams at once and returns how many came back unchanged. */
  int many(PeerId peer, int streams, int chunks) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Boolean>> echoes =
          IntStream.range(0, streams)
              .<Callable<Boolean>>mapToObj(seed ->
                  () -> {
                    Echo echo = echo(peer, chunks, seed);
                    return echo.sent().equals(echo.received());
                  })
              .toList();
      int good = 0;
      for (Future<Boolean> echo : threads.invokeAll(echoes)) {
        good += echo.get() ? 1 : 0;
      }
      return good;
    }
  }

  /** The digest of what was sent, and the one that was answered after this side's half-close. */
  Echo digest(PeerId peer, int chunks) throws IOException {
    try (Stream stream = open(peer, DIGEST)) {
      String sent = writeRandom(stream, chunks, 7);
      return new Echo(sent, HexFormat.of().formatHex(stream.readFully(32)), 32);
    }
  }

  /** Sends a byte to a peer that then resets, and returns how that reads here. */
  Libp2pException.Reason resetByRemote(PeerId peer) throws IOException {
    try (Stream stream = open(peer, RESET)) {
      stream.write(ByteBuffer.allocate(1));
      stream.read(ByteBuffer.allocate(1));
      throw new AssertionError("the stream was not reset");
    } catch (Libp2pException e) {
      return e.reason();
    }
  }

  void resetByUs(PeerId peer) throws IOException {
    try (Stream stream = open(peer, HOLD)) {
      stream.write(ByteBuffer.allocate(1));
      stream.readFully(1);
      stream.reset();
    }
  }

  /** One round of libp2p's ping. */
  boolean ping(PeerId peer) throws IOException {
    try (Stream stream = open(peer, PING)) {
      byte[] nonce = new byte[32];
      new Random(1).nextBytes(nonce);
      stream.write(ByteBuffer.wrap(nonce));
      return MessageDigest.isEqual(nonce, stream.readFully(32));
    }
  }

  Stream open(PeerId peer, String protocol) throws IOException {
    Stream stream = host.open(peer, List.of(protocol), LIMIT);
    stream.timeout(LIMIT);
    return stream;
  }

  private static String writeRandom(Stream stream, int chunks, long seed) throws IOException {
    Random random = new Random(seed);
    MessageDigest sent = sha256();
    byte[] chunk = new byte[CHUNK_BYTES];
    for (int i = 0; i < chunks; i++) {
      random.nextBytes(chunk);
      sent.update(chunk);
      stream.write(ByteBuffer.wrap(chunk));
    }
    stream.closeWrite();
    return hex(sent);
  }

  private static long readToEnd(Stream stream, MessageDigest digest) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    long bytes = 0;
    for (int size = stream.read(buffer); size >= 0; size = stream.read(buffer)) {
      digest.update(buffer.flip());
      buffer.clear();
      bytes += size;
    }
    return bytes;
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
