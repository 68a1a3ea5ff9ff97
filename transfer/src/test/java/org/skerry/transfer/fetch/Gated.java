package org.skerry.transfer.fetch;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.ProvenChunk;

/** A genuine source that runs {@code gate} before it gives out a chunk. */
record Gated(ChunkSource genuine, Gate gate) implements ChunkSource {
  /** Sees every chunk before it is sent, and may block or fail. */
  @FunctionalInterface
  interface Gate {
    void pass(int index) throws InterruptedException;
  }

  static ChunkSource.Finder over(ChunkSource.Finder genuine, Gate gate) {
    return blob -> genuine.find(blob).map(source -> new Gated(source, gate));
  }

  /** Sources that give out nothing before each of them was asked for something. */
  static UnaryOperator<ChunkSource.Finder> untilAllServe(CountDownLatch all) {
    AtomicBoolean asked = new AtomicBoolean();
    return finder ->
        over(
            finder,
            index -> {
              if (!asked.getAndSet(true)) {
                all.countDown();
              }
              all.await();
            });
  }

  @Override
  public BlobHead head() {
    return genuine.head();
  }

  @Override
  public ChunkSet have() {
    return genuine.have();
  }

  @Override
  public Optional<ProvenChunk> chunk(int index) throws IOException {
    try {
      gate.pass(index);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted at the gate", e);
    }
    return genuine.chunk(index);
  }

  @Override
  public void close() {
    genuine.close();
  }
}
