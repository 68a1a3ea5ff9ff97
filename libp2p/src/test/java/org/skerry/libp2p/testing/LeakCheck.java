package org.skerry.libp2p.testing;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.util.ResourceLeakDetector;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class when one of Netty's buffers became garbage before it was released. Hosts must
 * be closed by then: what a live object still holds is no leak yet.
 *
 * <p>Netty notices a lost buffer only once the collector has found it and another one is allocated;
 * so this collects and allocates before it looks. Buffers that the unpooled allocator takes from
 * the heap are not watched.
 */
public final class LeakCheck implements BeforeAllCallback, AfterAllCallback {
  /** What one collection hands over may come in pieces, so one round is not enough. */
  private static final int ROUNDS = 3;

  private static final long ROUND_MS = 2000;

  private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

  @Override
  public void beforeAll(ExtensionContext context) {
    start();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    List<String> found = stop();
    if (!found.isEmpty()) {
      throw new AssertionError(
          found.size() + " kinds of buffers were never released:\n" + String.join("\n", found));
    }
  }

  /** Watches from here on; what was lost before is nobody's fault here. */
  void start() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    settle();
    ByteBufUtil.setLeakListener((type, records) -> leaks.add(type + records));
  }

  /** Where each lost buffer was made. */
  List<String> stop() {
    settle();
    ByteBufUtil.setLeakListener((type, records) -> {});
    return List.copyOf(leaks);
  }

  private static void settle() {
    for (int round = 0; round < ROUNDS; round++) {
      ReferenceQueue<Object> collected = new ReferenceQueue<>();
      PhantomReference<Object> canary = new PhantomReference<>(new Object(), collected);
      System.gc();
      try {
        if (collected.remove(ROUND_MS) != canary) {
          throw new IllegalStateException("the collector took nothing within " + ROUND_MS + " ms");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while looking for leaks", e);
      }
      ByteBufAllocator.DEFAULT.heapBuffer(1).release();
    }
  }
}
