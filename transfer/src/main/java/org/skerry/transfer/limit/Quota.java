package org.skerry.transfer.limit;

import java.time.InstantSource;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * How many bytes may pass in a day and in a calendar month of the owner's time zone. Thread-safe;
 * several processes may share one.
 *
 * <p>Bytes are taken from the books a block of {@value #BLOCK_BYTES} at a time, before they pass: a
 * process that is killed has counted up to a block too much, never too little. A clock that is set
 * back renews nothing.
 */
public final class Quota implements AutoCloseable {
  /** What is taken at once, in bytes. */
  public static final long BLOCK_BYTES = 16 << 20;

  /**
   * @param day bytes in a day, {@link Rates#ANY} for no limit
   * @param month bytes in a month, {@link Rates#ANY} for no limit
   */
  public record Limits(long day, long month) {
    public static final Limits NONE = new Limits(Rates.ANY, Rates.ANY);

    public Limits {
      if (day < 1 || month < 1) {
        throw new IllegalArgumentException("a quota of " + Math.min(day, month) + " bytes");
      }
    }

    private long left(Used used) {
      return Math.max(0, Math.min(day - used.inDay(), month - used.inMonth()));
    }
  }

  /**
   * What passed.
   *
   * @param day the newest on which something did
   * @param inDay bytes on that day
   * @param inMonth bytes in the month of that day
   */
  public record Used(LocalDate day, long inDay, long inMonth) {
    public static final Used NOTHING = new Used(LocalDate.EPOCH, 0, 0);

    private Used on(LocalDate today) {
      if (!today.isAfter(day)) {
        return this;
      }
      boolean sameMonth = YearMonth.from(today).equals(YearMonth.from(day));
      return new Used(today, 0, sameMonth ? inMonth : 0);
    }

    private Used plus(long bytes) {
      return new Used(day, Math.max(0, inDay + bytes), Math.max(0, inMonth + bytes));
    }
  }

  /** Where it is written down what passed. Thread-safe, also between processes. */
  @FunctionalInterface
  public interface Books {
    /**
     * Replaces what stands there, durably and while nobody else does; {@link Used#NOTHING} stands
     * there at first.
     *
     * @return what stands there now
     */
    Used update(UnaryOperator<Used> change);
  }

  private Limits limits;
  private final InstantSource clock;
  private final ZoneId zone;
  private final Books books;
  private LocalDate takenOn = LocalDate.EPOCH;
  private long taken; // from the books, and not passed yet

  public Quota(Limits limits, InstantSource clock, ZoneId zone, Books books) {
    this.limits = limits;
    this.clock = clock;
    this.zone = zone;
    this.books = books;
  }

  /** No limit, and nothing is written down. */
  public static Quota none() {
    return new Quota(
        Limits.NONE,
        InstantSource.system(),
        ZoneId.systemDefault(),
        change -> change.apply(Used.NOTHING));
  }

  /** Counts {@code bytes} that are about to pass; false, and nothing counted, when they may not. */
  public synchronized boolean spend(long bytes) {
    LocalDate today = today();
    if (today.isAfter(takenOn)) {
      taken = 0; // It stays counted for the day that is over.
      takenOn = today;
    }
    if (taken < bytes) {
      long want = Math.max(BLOCK_BYTES, bytes);
      AtomicLong got = new AtomicLong();
      books.update(before -> {
        Used used = before.on(today);
        got.set(Math.min(want, limits.left(used)));
        return used.plus(got.get());
      });
      taken += got.get();
    }
    if (taken < bytes) {
      return false;
    }
    taken -= bytes;
    return true;
  }

  /** Bytes that were counted did not pass. */
  public synchronized void giveBack(long bytes) {
    taken += bytes;
  }

  /** Whether hardly a chunk may pass any more today. */
  public synchronized boolean isSpent() {
    if (limits.equals(Limits.NONE)) {
      return false;
    }
    return taken == 0 && limits.left(onBooks()) == 0;
  }

  /** What passed, on the newest day on which something did and in its month. */
  public synchronized Used used() {
    return onBooks().plus(-taken);
  }

  public synchronized Limits limits() {
    return limits;
  }

  /** Other limits hold from now on, for what passed before as well. */
  public synchronized void set(Limits newLimits) {
    close(); // What was taken under the old ones may be more than the new ones leave.
    limits = newLimits;
  }

  /** When more may pass, of a quota that is spent. */
  public synchronized ZonedDateTime renewedAt() {
    Used used = onBooks();
    LocalDate next =
        used.inMonth() >= limits.month()
            ? YearMonth.from(used.day()).plusMonths(1).atDay(1)
            : used.day().plusDays(1);
    return next.atStartOfDay(zone);
  }

  /** Gives back to the books what was taken and did not pass. */
  @Override
  public synchronized void close() {
    long left = taken;
    if (left > 0 && !today().isAfter(takenOn)) {
      books.update(used -> used.plus(-left));
    }
    taken = 0;
  }

  private Used onBooks() {
    LocalDate today = today();
    return books.update(used -> used.on(today));
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), zone);
  }
}
