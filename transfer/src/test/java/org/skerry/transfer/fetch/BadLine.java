package org.skerry.transfer.fetch;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.skerry.libp2p.Multiaddr;

/**
 * The line of who fetches, in user space: whatever comes from any source passes through it, in
 * segments, each of which waits for its turn, for the delay, and for what was lost before it.
 *
 * <p>On a stream of bytes a loss is a pause and then a burst. Losses come in bursts (Gilbert 1960,
 * Elliott 1963): in its bad state the line loses every second segment, and is in it as often as the
 * wanted share of losses needs. A segment that is lost, and lost again, comes after 1, 3, 7, …
 * retransmission time-outs (RFC 6298), and nothing behind it comes sooner.
 */
final class BadLine implements AutoCloseable {
  /**
   * @param delayMs one way
   * @param bytesPerSecond of all connections together, each way
   * @param loss share of the segments, at most a quarter
   * @param trouble what becomes of connections besides
   * @param troubled how many of them, the first ones
   */
  record Manners(long delayMs, long bytesPerSecond, double loss, Trouble trouble, int troubled) {
    Manners {
      if (loss < 0 || loss > 0.25) {
        throw new IllegalArgumentException("a loss of " + loss);
      }
    }

    static Manners of(long delayMs, long bytesPerSecond, double loss) {
      return new Manners(delayMs, bytesPerSecond, loss, Trouble.NONE, 0);
    }

    Manners with(Trouble what, int connections) {
      return new Manners(delayMs, bytesPerSecond, loss, what, connections);
    }
  }

  /** What happens to a connection after {@link #TROUBLE_BYTES} came over it. */
  enum Trouble {
    NONE,
    /** It is reset. */
    RESET,
    /** Nothing passes any more, and nobody is told. */
    SILENCE,
    /** It ends at the source, and the fetching side is not told. */
    HALF_OPEN,
    /** The whole line is up for three seconds and down for two, again and again. */
    FLAPPING
  }

  /** Within the second chunk. */
  static final long TROUBLE_BYTES = 400_000;

  private static final int SEGMENT_BYTES = 1_400;
  private static final int QUEUED_SEGMENTS = 48;
  private static final int SOCKET_BUFFER_BYTES = 32 << 10;
  private static final double LOSS_WHEN_BAD = 0.5;
  private static final double BAD_ENDS = 0.1;
  private static final int MOST_TIMES_LOST = 4;
  private static final long LEAST_RTO_MS = 200;
  private static final long UP_MS = 3_000;
  private static final long DOWN_MS = 2_000;
  private static final long MS = 1_000_000;

  private final Manners manners;
  private final long seed;
  private final long startNanos = System.nanoTime();
  private final List<Closeable> open = new ArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong downBytes = new AtomicLong();
  private volatile long downAtNanos = startNanos;
  private volatile boolean closed;
  private final Turns down = new Turns();
  private final Turns up = new Turns();

  BadLine(Manners manners, long seed) {
    this.manners = manners;
    this.seed = seed;
  }

  /** A way over this line to who listens at {@code target}; returns where it begins. */
  Multiaddr to(Multiaddr target) throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    int port = Integer.parseInt(target.value(Multiaddr.Protocol.TCP).orElseThrow());
    InetSocketAddress there = new InetSocketAddress(loopback, port);
    ServerSocket server = new ServerSocket(0, 50, loopback);
    register(server);
    Thread.ofVirtual()
        .start(() -> {
          while (!closed) {
            try {
              Socket near = server.accept();
              register(near);
              Socket far = new Socket();
              register(far);
              far.setReceiveBufferSize(SOCKET_BUFFER_BYTES);
              far.connect(there);
              near.setSendBufferSize(SOCKET_BUFFER_BYTES);
              new Passage(near, far, connections.getAndIncrement()).start();
            } catch (IOException e) {
              continue; // One of the two is gone again, or all are.
            }
          }
        });
    return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + server.getLocalPort());
  }

  /** Connections that were made over it. */
  int connections() {
    return connections.get();
  }

  /** Bytes that reached the fetching side. */
  long downBytes() {
    return downBytes.get();
  }

  /** Since when nothing has, in milliseconds. */
  long quietMs() {
    return (System.nanoTime() - downAtNanos) / MS;
  }

  private void register(Closeable socket) throws IOException {
    synchronized (open) {
      open.add(socket);
      if (closed) {
        socket.close();
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    synchronized (open) {
      open.forEach(BadLine::end);
    }
  }

  private static void end(Closeable socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is over in any case.
    }
  }

  /** When the line is free for the next segment, in one direction. */
  private final class Turns {
    private long freeAtNanos = startNanos;

    synchronized long take(int bytes) {
      long start = up(Math.max(freeAtNanos, System.nanoTime()));
      freeAtNanos = start + bytes * 1_000 * MS / manners.bytesPerSecond();
      return freeAtNanos;
    }

    private long up(long atNanos) {
      long phaseMs = (atNanos - startNanos) / MS % (UP_MS + DOWN_MS);
      return manners.trouble() == Trouble.FLAPPING && phaseMs >= UP_MS
          ? atNanos + (UP_MS + DOWN_MS - phaseMs) * MS
          : atNanos;
    }
  }

  /** When segments of one direction of a connection arrive. Single owner. */
  private final class Losses {
    private final Random random;
    private final double badBegins;
    private boolean bad;
    private long notBeforeNanos = startNanos;

    Losses(long seed) {
      double badShare = manners.loss() / LOSS_WHEN_BAD;
      this.random = new Random(seed);
      this.badBegins = Math.min(1, BAD_ENDS * badShare / (1 - badShare));
    }

    long arrivesAtNanos(long sentAtNanos) {
      bad = random.nextDouble() < (bad ? 1 - BAD_ENDS : badBegins);
      long arrival = sentAtNanos + manners.delayMs() * MS;
      if (arrival >= notBeforeNanos && lost()) { // What is lost behind it is repaired with it.
        long timeoutMs = LEAST_RTO_MS + 2 * manners.delayMs();
        int times = 1;
        while (times <= MOST_TIMES_LOST && lost()) {
          times++;
        }
        notBeforeNanos = arrival + timeoutMs * ((1L << times) - 1) * MS;
      }
      return Math.max(arrival, notBeforeNanos);
    }

    private boolean lost() {
      return bad && random.nextDouble() < LOSS_WHEN_BAD;
    }
  }

  private record Segment(byte[] bytes, int size, long arrivesAtNanos) {
    static final Segment LAST = new Segment(new byte[0], 0, 0);
  }

  /** One connection: two sockets, and a direction from each to the other. */
  private final class Passage {
    private final Socket near;
    private final Socket far;
    private final int number;
    private final AtomicLong came = new AtomicLong();

    Passage(Socket near, Socket far, int number) {
      this.near = near;
      this.far = far;
      this.number = number;
    }

    void start() {
      begin(near, far, up, false);
      begin(far, near, down, true);
    }

    /** One thread reads and decides when what arrives, another waits and writes. */
    private void begin(Socket from, Socket to, Turns turns, boolean isDown) {
      BlockingQueue<Segment> way = new ArrayBlockingQueue<>(QUEUED_SEGMENTS);
      Losses losses = new Losses(seed + 2L * number + (isDown ? 1 : 0));
      run(() -> {
        byte[] bytes = new byte[SEGMENT_BYTES];
        for (int size = from.getInputStream().read(bytes); size >= 0; ) {
          long arrivesAt = losses.arrivesAtNanos(turns.take(size));
          way.put(new Segment(bytes, size, arrivesAt));
          bytes = new byte[SEGMENT_BYTES];
          size = from.getInputStream().read(bytes);
        }
        way.put(Segment.LAST);
      });
      run(() -> {
        for (Segment next = way.take(); next != Segment.LAST; next = way.take()) {
          Thread.sleep(Duration.ofNanos(Math.max(0, next.arrivesAtNanos() - System.nanoTime())));
          if (isTroubled()) {
            harm();
            return;
          }
          to.getOutputStream().write(next.bytes(), 0, next.size());
          if (isDown) {
            came.addAndGet(next.size());
            downBytes.addAndGet(next.size());
            downAtNanos = System.nanoTime();
          }
        }
        to.shutdownOutput();
      });
    }

    private boolean isTroubled() {
      return switch (manners.trouble()) {
        case NONE, FLAPPING -> false;
        case RESET, SILENCE, HALF_OPEN ->
            number < manners.troubled() && came.get() >= TROUBLE_BYTES;
      };
    }

    private void harm() throws IOException {
      switch (manners.trouble()) {
        case NONE, FLAPPING, SILENCE -> {}
        case RESET -> {
          near.setSoLinger(true, 0);
          far.setSoLinger(true, 0);
          near.close();
          far.close();
        }
        case HALF_OPEN -> far.close();
      }
    }

    private void run(Work work) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              work.run();
            } catch (IOException e) {
              if (manners.trouble() != Trouble.HALF_OPEN) {
                end(near);
                end(far);
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }
  }

  /** What a thread of a connection does until the connection is over. */
  @FunctionalInterface
  private interface Work {
    void run() throws IOException, InterruptedException;
  }
}
