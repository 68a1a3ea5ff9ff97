package org.skerry.libp2p.relay;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Stream;

/** Two streams that are each other's continuation, until one of them ends or a limit is reached. */
final class Circuit {
  private static final int PIECE_BYTES = 32 << 10;

  private final Stream from;
  private final Stream to;
  private final RelayLimits limits;
  private final Pace pace;
  private final LongConsumer moved;

  /**
   * @param moved hears of bytes that were carried, on either of two threads
   */
  Circuit(Stream from, Stream to, RelayLimits limits, Pace pace, LongConsumer moved) {
    this.from = from;
    this.to = to;
    this.limits = limits;
    this.pace = pace;
    this.moved = moved;
  }

  /** Carries bytes both ways, and returns when that has ended. */
  void run() {
    Duration time = limits.circuitTime();
    from.timeout(time);
    to.timeout(time);
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            this::reset, CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS));
    Thread back = Thread.ofVirtual().name("libp2p-relay").start(() -> carry(to, from));
    try {
      carry(from, to);
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end.cancel(false);
      reset(); // Without effect when both have ended in order.
    }
  }

  private void carry(Stream in, Stream out) {
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    long left = limits.circuitBytes();
    try {
      int size;
      while ((size = in.read(piece.clear())) >= 0) {
        left -= size;
        if (left < 0) {
          reset();
          return;
        }
        pace.take(size);
        out.write(piece.flip());
        moved.accept(size);
      }
      out.closeWrite();
    } catch (Libp2pException e) {
      reset(); // One half that broke is a circuit that broke.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      reset();
    }
  }

  private void reset() {
    from.reset();
    to.reset();
  }
}
