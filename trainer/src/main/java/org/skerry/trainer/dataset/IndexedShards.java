package org.skerry.trainer.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.text.TextTable;

/**
 * The samples of shards by number, decoded when they are asked for. Opening reads the tars' headers
 * and labels once and remembers where each sample lies (28 bytes a sample); decoded samples are
 * kept when all of them fit the memory they may take, so that later epochs decode nothing. What is
 * read does not depend on that. A sample that cannot be decoded is counted, and the next one that
 * can stands in for it. Thread-safe.
 */
public final class IndexedShards implements SampleSource {
  /** Encoded bytes that are shuffled together: what a shuffle buffer would hold. */
  private static final long WINDOW_BYTES = 256L << 20;

  private static final int MAX_OPEN = 128;
  private static final int NO_CLASS = -1;

  private final List<Path> tars;
  private final List<Integer> counts;
  private final SampleDecoder decoder;
  private final ReadLimits limits;
  private final int[] tarOf;
  private final long[] offsets;
  private final int[] lengths;
  private final int[] classes;
  private final int[] texts;
  private final @Nullable AtomicReferenceArray<@Nullable SampleValues> decoded;
  private final ReentrantLock lock = new ReentrantLock();
  private final @Nullable FileChannel[] open; // guarded by lock
  private final BitSet bad = new BitSet(); // guarded by lock
  private int opened; // guarded by lock
  private boolean closed; // guarded by lock

  private IndexedShards(Index index, SampleDecoder decoder, ReadLimits limits, boolean keep) {
    this.tars = List.copyOf(index.tars);
    this.counts = List.copyOf(index.counts);
    this.decoder = decoder;
    this.limits = limits;
    this.tarOf = index.tarOf.stream().mapToInt(Integer::intValue).toArray();
    this.offsets = index.offsets.stream().mapToLong(Long::longValue).toArray();
    this.lengths = index.lengths.stream().mapToInt(Integer::intValue).toArray();
    this.classes = index.classes.stream().mapToInt(Integer::intValue).toArray();
    this.texts = index.numbers.stream().mapToInt(Integer::intValue).toArray();
    this.decoded = keep ? new AtomicReferenceArray<>(offsets.length) : null;
    this.open = new @Nullable FileChannel[tars.size()];
  }

  /**
   * Indexes tars, whose samples are numbered one tar after the other.
   *
   * @param format that every sample must have exactly
   * @param maxDecodedBytes that decoded samples may take; none are kept when all take more
   * @throws TrainerException when a tar is damaged, or there is no sample in them
   */
  public static IndexedShards open(
      List<Path> tars, SampleFormat format, ReadLimits limits, long maxDecodedBytes)
      throws TrainerException {
    return open(tars, format, limits, maxDecodedBytes, null);
  }

  /**
   * As {@link #open(List, SampleFormat, ReadLimits, long)}.
   *
   * @param texts that the samples' captions are looked up in; null to pass captions over
   * @throws TrainerException also when a caption is not in there
   */
  public static IndexedShards open(
      List<Path> tars,
      SampleFormat format,
      ReadLimits limits,
      long maxDecodedBytes,
      @Nullable TextTable texts)
      throws TrainerException {
    Index index = new Index(limits, texts);
    for (Path tar : tars) {
      index.begin(tar);
      new TarWalk(tar, format.kind(), false, limits, index).run();
      if (index.counts.getLast() == 0) {
        throw new TrainerException(
            Reason.TOO_FEW_IMAGES, "%s: no %s in it; get the shard again".formatted(tar, format));
      }
    }
    boolean keep = (long) index.offsets.size() * format.sizeBytes() <= maxDecodedBytes;
    return new IndexedShards(index, new SampleDecoder(format, true, limits), limits, keep);
  }

  @Override
  public int count() {
    return offsets.length;
  }

  /** Samples of each tar. */
  public List<Integer> counts() {
    return counts;
  }

  @Override
  public SampleFormat format() {
    return decoder.format();
  }

  /** The class of a sample, when its shard says so. */
  public OptionalInt classOf(int index) {
    return classes[index] == NO_CLASS ? OptionalInt.empty() : OptionalInt.of(classes[index]);
  }

  /** The numbers of the samples' captions in the table that they were looked up in, else none. */
  public int[] texts() {
    return texts.clone();
  }

  /** Whether decoded samples are kept in memory. */
  public boolean keepsDecoded() {
    return decoded != null;
  }

  /** Samples that are to be shuffled together; a function of the shards alone. */
  public int window() {
    long bytes = 0;
    for (int length : lengths) {
      bytes += length;
    }
    return (int) Math.clamp(count() * (double) WINDOW_BYTES / Math.max(1, bytes), 1, count());
  }

  @Override
  public int badCount() {
    lock.lock();
    try {
      return bad.cardinality();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read(int index, float[] target) throws IOException {
    for (int i = index; ; i = (i + 1) % count()) {
      SampleValues values = decoded == null ? null : decoded.get(i);
      if (values == null) {
        byte[] encoded = encoded(i);
        switch (decoder.decode(encoded)) {
          case SampleDecoder.Result.Refused(BadImage reason) -> {
            countBad(i, reason);
            continue;
          }
          case SampleDecoder.Result.Decoded(SampleValues fresh) -> values = fresh;
        }
        if (decoded != null) {
          decoded.set(i, values);
        }
      }
      values.copyTo(target, 0);
      return i;
    }
  }

  private void countBad(int index, BadImage reason) throws TrainerException {
    lock.lock();
    try {
      bad.set(index);
      if (bad.cardinality() > Math.min(count() - 1, count() * limits.maxBadShare())) {
        throw new TrainerException(
            Reason.TOO_MANY_BAD_IMAGES,
            "%s: %d of %d samples could not be read, the last for %s; get the shard again"
                .formatted(tars.get(tarOf[index]), bad.cardinality(), count(), reason));
      }
    } finally {
      lock.unlock();
    }
  }

  private byte[] encoded(int index) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(lengths[index]);
    Path tar = tars.get(tarOf[index]);
    FileChannel kept = channel(tarOf[index]);
    if (kept != null) {
      readFully(kept, bytes, offsets[index], tar);
    } else {
      try (FileChannel once = FileChannel.open(tar, StandardOpenOption.READ)) {
        readFully(once, bytes, offsets[index], tar);
      }
    }
    return bytes.array();
  }

  /** The tar's channel, unless too many are open. */
  private @Nullable FileChannel channel(int tar) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the shards are closed");
      }
      FileChannel channel = open[tar];
      if (channel == null && opened < MAX_OPEN) {
        channel = FileChannel.open(tars.get(tar), StandardOpenOption.READ);
        open[tar] = channel;
        opened++;
      }
      return channel;
    } finally {
      lock.unlock();
    }
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long offset, Path tar)
      throws IOException {
    long at = offset;
    while (into.hasRemaining()) {
      int count = channel.read(into, at);
      if (count < 0) {
        throw new TrainerException(
            Reason.CORRUPT_ARCHIVE, tar + ": it was cut short; get the tar again");
      }
      at += count;
    }
  }

  @Override
  public void close() throws IOException {
    lock.lock();
    try {
      closed = true;
      for (FileChannel channel : open) {
        if (channel != null) {
          channel.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Collects where samples lie. */
  private static final class Index implements TarWalk.Visitor {
    private final ReadLimits limits;
    private final List<Path> tars = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final List<Integer> tarOf = new ArrayList<>();
    private final List<Long> offsets = new ArrayList<>();
    private final List<Integer> lengths = new ArrayList<>();
    private final List<Integer> classes = new ArrayList<>();
    private final List<Integer> numbers = new ArrayList<>();
    private final @Nullable TextTable texts;

    Index(ReadLimits limits, @Nullable TextTable texts) {
      this.limits = limits;
      this.texts = texts;
    }

    void begin(Path tar) {
      tars.add(tar);
      counts.add(0);
    }

    @Override
    public void take(TarSample sample) throws TrainerException {
      if (offsets.size() >= limits.maxImages()) {
        throw new TrainerException(
            Reason.TOO_LARGE,
            tars.getLast() + ": more than " + limits.maxImages() + " samples; use fewer shards");
      }
      counts.set(counts.size() - 1, counts.getLast() + 1);
      tarOf.add(tars.size() - 1);
      offsets.add(sample.offset());
      lengths.add(sample.length());
      Integer classId = sample.classId();
      classes.add(classId == null ? NO_CLASS : classId);
      if (texts != null) {
        numbers.add(texts.numberOf(sample.caption()));
      }
    }

    @Override
    public void skip(String where, BadImage reason) {
      // Left out of the numbering, on every machine alike.
    }
  }
}
