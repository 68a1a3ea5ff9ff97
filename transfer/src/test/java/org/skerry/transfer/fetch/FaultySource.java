package org.skerry.transfer.fetch;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.core.ConditionTimeoutException;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;

/** A peer that serves what another finder finds, with one fault, and counts what it served. */
final class FaultySource implements ChunkSource.Finder, AutoCloseable {
  private static final Duration LONG = Duration.ofSeconds(120);
  private static final Duration DELIVERY = Duration.ofSeconds(2);

  private final Host host;
  private final ChunkSource.Finder genuine;
  private final Fault fault;
  private final int goodChunks;
  private final TransferLedger fetching;
  private final BooleanSupplier opens;
  private final BitSet served = new BitSet();
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch deed = new CountDownLatch(1);
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param goodChunks how many it serves before the fault
   * @param fetching the ledger of who fetches
   * @param opens it answers no opening before this is true
   */
  FaultySource(
      Host host,
      ChunkSource.Finder genuine,
      Fault fault,
      int goodChunks,
      TransferLedger fetching,
      BooleanSupplier opens) {
    this.host = host;
    this.genuine = genuine;
    this.fault = fault;
    this.goodChunks = goodChunks;
    this.fetching = fetching;
    this.opens = opens;
    new BlobServer(host, this, new TransferLedger(), UploadLimits.DEFAULT, UploadQueue.unlimited())
        .start();
  }

  PeerId id() {
    return host.peerId();
  }

  /** The chunks that it served genuine. */
  BitSet served() {
    synchronized (served) {
      return (BitSet) served.clone();
    }
  }

  /** Whether who fetches has met the fault. */
  boolean met() {
    return fault.lies() ? fetching.refused() > 0 : deed.getCount() == 0;
  }

  @Override
  public Optional<ChunkSource> find(BlobId blob) throws IOException {
    until(() -> opens.getAsBoolean() || closed.getCount() == 0, LONG);
    return genuine.find(blob).map(Served::new);
  }

  private static boolean until(BooleanSupplier condition, Duration limit) {
    try {
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(5))
          .atMost(limit)
          .until(condition::getAsBoolean);
      return true;
    } catch (ConditionTimeoutException e) {
      return false;
    }
  }

  @Override
  public void close() {
    closed.countDown();
    host.close();
  }

  /** The blob on one stream. */
  private final class Served implements ChunkSource {
    private final ChunkSource source;
    private int chunks;

    Served(ChunkSource source) {
      this.source = source;
    }

    @Override
    public BlobHead head() {
      return source.head();
    }

    @Override
    public ChunkSet have() {
      return source.have();
    }

    @Override
    public Optional<ProvenChunk> chunk(int index) throws IOException {
      ProvenChunk chunk = source.chunk(index).orElseThrow();
      if (good()) {
        synchronized (served) {
          served.set(index);
        }
        return Optional.of(chunk);
      }
      Optional<ProvenChunk> bad = spoilt(chunk);
      deed.countDown();
      return bad;
    }

    private boolean good() {
      return switch (fault) {
        case NONE -> true;
        case DISCONNECTS -> chunks++ < 1;
        case FIRST_BYTE, MIDDLE_BYTE, LAST_BYTE, LONG_PROOF, WRONG_PROOF, STALLS, GONE ->
            asked.getAndIncrement() < goodChunks;
      };
    }

    private Optional<ProvenChunk> spoilt(ProvenChunk chunk) throws IOException {
      byte[] data = new byte[chunk.data().remaining()];
      chunk.data().get(data);
      byte[] proof = chunk.proof().bytes();
      switch (fault) {
        case NONE -> throw new IllegalStateException("no fault");
        case FIRST_BYTE -> data[0] ^= 1;
        case MIDDLE_BYTE -> data[data.length / 2] ^= 1;
        case LAST_BYTE -> data[data.length - 1] ^= 1;
        case LONG_PROOF -> proof = Arrays.copyOf(proof, proof.length + MerkleTree.HASH_BYTES);
        case WRONG_PROOF -> {
          if (proof.length > 0) {
            proof[proof.length - 1] ^= 1;
          } else {
            proof = new byte[MerkleTree.HASH_BYTES];
          }
        }
        case STALLS -> {
          deed.countDown();
          until(() -> closed.getCount() == 0, LONG);
          throw new IOException("stalled");
        }
        case DISCONNECTS -> {
          // What was sent is lost when the stream is reset before it was read.
          until(() -> fetching.bytesDown() > 0, DELIVERY);
          deed.countDown();
          throw new IOException("disconnected");
        }
        case GONE -> {
          return Optional.empty();
        }
      }
      return Optional.of(
          new ProvenChunk(chunk.index(), ByteBuffer.wrap(data), MerkleProof.ofBytes(proof)));
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
