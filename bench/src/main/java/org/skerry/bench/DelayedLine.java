package org.skerry.bench;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.skerry.libp2p.Multiaddr;

/**
 * A way to a listener on loopback on which bytes take their time, each way, and nothing is lost.
 */
final class DelayedLine implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;

  private final long delayNanos;
  private final int port;
  private final ServerSocket server;
  private final List<Closeable> open = Collections.synchronizedList(new ArrayList<>());

  private record Piece(byte[] bytes, long dueNanos) {}

  /**
   * @param target where the listener is
   * @param delay one way
   */
  DelayedLine(Multiaddr target, Duration delay) throws IOException {
    delayNanos = delay.toNanos();
    port = Integer.parseInt(target.value(Multiaddr.Protocol.TCP).orElseThrow());
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    open.add(server);
    Thread.ofVirtual().name("delayed-line").start(this::accept);
  }

  /** Where it begins. */
  Multiaddr address() {
    return Multiaddr.parse("/ip4/127.0.0.1/tcp/" + server.getLocalPort());
  }

  private void accept() {
    try {
      while (true) {
        Socket near = server.accept();
        open.add(near);
        Socket far = new Socket(InetAddress.getLoopbackAddress(), port);
        open.add(far);
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        carry(near, far);
        carry(far, near);
      }
    } catch (IOException e) {
      close(); // Closed, or the listener is gone: nothing passes any more.
    }
  }

  private void carry(Socket from, Socket to) throws IOException {
    BlockingQueue<Piece> underWay = new LinkedBlockingQueue<>();
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    start(() -> {
      byte[] buffer = new byte[PIECE_BYTES];
      for (int size = in.read(buffer); size >= 0; size = in.read(buffer)) {
        underWay.add(new Piece(Arrays.copyOf(buffer, size), System.nanoTime() + delayNanos));
      }
      close();
    });
    start(() -> {
      while (true) {
        Piece piece = underWay.take();
        TimeUnit.NANOSECONDS.sleep(piece.dueNanos() - System.nanoTime());
        out.write(piece.bytes());
      }
    });
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private void start(Work work) {
    Thread.ofVirtual()
        .name("delayed-line")
        .start(() -> {
          try {
            work.run();
          } catch (IOException | InterruptedException e) {
            close();
          }
        });
  }

  @Override
  public void close() {
    for (Closeable one : List.copyOf(open)) {
      try {
        one.close();
      } catch (IOException e) {
        continue; // It is gone already.
      }
    }
  }
}
