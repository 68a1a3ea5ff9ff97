package org.skerry.transfer.fetch;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.fetch.Source.Phase;
import org.skerry.transfer.limit.DownloadBudget;

/**
 * The fetch of one blob: whom to connect, whom to ask for what, whom to replace. Events and the
 * time go in, actions come out; sans-IO, single owner.
 *
 * <pre>
 * source      event                         becomes      and
 * (unknown)   found                         CANDIDATE
 * CANDIDATE   a place is free, retry due    CONNECTING   Connect
 * CONNECTING  opened                        ACTIVE       Want …
 * CONNECTING  failed                        CANDIDATE    retry later
 * ACTIVE      kept, gone, have              ACTIVE       Want …
 * ACTIVE      failed, silent, slowest       CANDIDATE    Drop; its requests are free again
 * any         lied                          banned       Drop; never asked again for this blob
 * </pre>
 */
final class FetchPlan {
  private static final long FIND_HUNGRY_MS = 3_000;
  private static final long FIND_FED_MS = 30_000;
  private static final long REFRESH_PARTIAL_MS = 1_000;
  private static final long REFRESH_WHOLE_MS = 10_000;
  private static final long REPLACE_EVERY_MS = 10_000;

  /** A piece takes two seconds on a line of 256 kbit/s: without one for longer, a chunk is late. */
  private static final long LATE_MS = 3_000;

  /**
   * How often a source whose rate nobody knows is asked for what others are bringing: it may be
   * faster, or share one thin line with them.
   */
  private static final long TRY_UNKNOWN_EVERY_MS = 30_000;

  /**
   * A fast source is asked for more when it has brought this part of what it was asked for, and not
   * chunk by chunk: a request wakes a thread after the other, here and there.
   */
  private static final int PARTS_OF_DEPTH = 4;

  // Of a source that promises and does not bring, this many times without a chunk between.
  private static final int MAX_GONE_IN_A_ROW = 8;

  /** How an attempt with a source ended, other than by a lie. */
  enum Failure {
    /** It could not be reached, or went away. */
    LOST,
    /** All its places are taken. */
    BUSY,
    /** It does not have the blob. */
    NOT_FOUND
  }

  private final FetchLimits limits;
  private final DownloadBudget budget;
  private final Random random;
  private final SourceTable sources;
  private final Pace pace = new Pace();
  private Optional<BlobHead> head = Optional.empty();
  private Optional<ChunkPicker> picker = Optional.empty();
  private long keptAtMs;
  private long stallSaidAtMs;
  private long foundAtMs = Long.MIN_VALUE / 2;
  private long replacedAtMs;
  private boolean finding;
  private boolean everOpened;
  // When the budget, and no source, was last the reason that a chunk was not asked for.
  private long heldBackAtMs = Long.MIN_VALUE / 2;
  private boolean spent;
  private long unknownTriedAtMs = Long.MIN_VALUE / 2;

  /**
   * @param budget what this and all other fetches may ask for, on the clock of {@code nowMs}
   */
  FetchPlan(
      FetchLimits limits, DownloadBudget budget, Set<SourceId> banned, Random random, long nowMs) {
    this.limits = limits;
    this.budget = budget;
    this.random = random;
    this.sources = new SourceTable(limits, banned);
    this.keptAtMs = nowMs;
    this.stallSaidAtMs = nowMs;
    this.replacedAtMs = nowMs;
  }

  /** The blob's size is known, and what of it is on disk. */
  List<Action> begin(BlobHead known, ChunkSet have) {
    head = Optional.of(known);
    picker = Optional.of(new ChunkPicker(known.chunks(), have, random));
    return picker.get().missing() == 0 ? List.of(new Action.Complete()) : List.of();
  }

  boolean begun() {
    return picker.isPresent();
  }

  List<Action> found(Collection<PeerId> peers, long nowMs) {
    finding = false;
    foundAtMs = nowMs;
    List<PeerId> fresh = new ArrayList<>(new HashSet<>(peers));
    fresh.sort(Comparator.naturalOrder()); // The order of a set is no part of the seed.
    Collections.shuffle(fresh, random);
    fresh.forEach(peer -> sources.add(new SourceId.Peer(peer)));
    return connect(nowMs);
  }

  /** Sources that need no finding. */
  List<Action> know(List<WebSeed> seeds, long nowMs) {
    seeds.forEach(seed -> sources.add(new SourceId.Web(seed)));
    return connect(nowMs);
  }

  List<Action> opened(SourceId id, ChunkSet have, long nowMs) {
    Optional<Source> source = sources.find(id).filter(s -> s.phase == Phase.CONNECTING);
    if (source.isEmpty()) {
      return List.of(new Action.Drop(id));
    }
    everOpened = true;
    source.get().activate(have, pace.heardBytes(), nowMs);
    picker().add(have);
    return fill(nowMs);
  }

  /** An active source told what it has by now. */
  List<Action> have(SourceId id, ChunkSet have, long nowMs) {
    Optional<Source> source = sources.active(id);
    if (source.isPresent()) {
      source.get().have.ifPresent(picker()::remove);
      source.get().have = Optional.of(have);
      picker().add(have);
    }
    return fill(nowMs);
  }

  /**
   * So many bytes came from a source, of chunks that are whole or not.
   *
   * @return whether they are progress: enough, and of what it was asked for
   */
  boolean heard(SourceId id, long bytes, long nowMs) {
    pace.heard(bytes);
    boolean progress =
        sources
            .active(id)
            .map(source -> source.heard(bytes, pace.heardBytes(), nowMs))
            .orElse(false);
    if (progress) {
      pace.progressed(nowMs);
      stallSaidAtMs = nowMs;
    }
    return progress;
  }

  /** So many bytes of a chunk that is about to be kept did not have to be sent. */
  void saved(SourceId id, int index, int bytes, long nowMs) {
    Optional<Long> askedAtMs = sources.active(id).map(source -> source.outstanding.get(index));
    if (bytes > 0 && askedAtMs.isPresent()) {
      budget.giveBack(id, bytes, askedAtMs.get(), nowMs);
    }
  }

  /** A genuine chunk came; {@code fresh} unless it was on disk already. */
  List<Action> kept(SourceId id, int index, int bytes, boolean fresh, long nowMs) {
    sources
        .active(id)
        .ifPresent(source -> {
          source.outstanding.remove(index);
          source.failures = 0;
          source.brought(pace.heardBytes(), nowMs);
        });
    picker().kept(index);
    if (fresh) {
      keptAtMs = nowMs;
      pace.progressed(nowMs);
      stallSaidAtMs = nowMs;
    }
    return picker().missing() == 0 ? List.of(new Action.Complete()) : fill(nowMs);
  }

  /** The source does not have a chunk that it said it has. */
  List<Action> gone(SourceId id, int index, long nowMs) {
    Optional<Source> source = sources.active(id);
    if (source.isPresent() && source.get().have.isPresent()) {
      @Nullable Long askedAtMs = source.get().outstanding.remove(index);
      if (askedAtMs != null) {
        released(id, index, askedAtMs, nowMs);
      }
      if (++source.get().goneInARow >= MAX_GONE_IN_A_ROW) {
        List<Action> actions = new ArrayList<>();
        drop(source.get(), nowMs, actions);
        actions.addAll(connect(nowMs));
        actions.addAll(fill(nowMs));
        return actions;
      }
      BitSet less = source.get().have.get().bits();
      less.clear(index);
      return have(id, ChunkSet.of(source.get().have.get().chunks(), less), nowMs);
    }
    return List.of();
  }

  /** The source sent what cannot be the blob's: it is never asked again. */
  List<Action> lied(SourceId id, long nowMs) {
    sources.active(id).ifPresent(source -> release(source, nowMs));
    sources.ban(id);
    List<Action> actions = new ArrayList<>();
    actions.add(new Action.Drop(id));
    actions.addAll(connect(nowMs));
    actions.addAll(fill(nowMs));
    return actions;
  }

  /**
   * @param leaveAloneMs how long the source wants to be left alone, at least
   */
  List<Action> failed(SourceId id, Failure failure, long leaveAloneMs, long nowMs) {
    Optional<Source> source = sources.find(id).filter(s -> s.phase != Phase.CANDIDATE);
    if (source.isEmpty()) {
      return List.of();
    }
    retire(source.get(), failure, leaveAloneMs, nowMs);
    List<Action> actions = new ArrayList<>(connect(nowMs));
    actions.addAll(fill(nowMs));
    return actions;
  }

  List<Action> tick(long nowMs) {
    List<Action> actions = new ArrayList<>();
    dropSilent(nowMs, actions);
    replaceSlowest(nowMs, actions);
    actions.addAll(connect(nowMs));
    long every = activeSources() < limits.sources() ? FIND_HUNGRY_MS : FIND_FED_MS;
    if (!finding && nowMs - foundAtMs >= every) {
      finding = true;
      actions.add(new Action.FindSources());
    }
    refresh(nowMs, actions);
    actions.addAll(fill(nowMs));
    judge(nowMs, actions);
    return actions;
  }

  int activeSources() {
    return sources.activeCount();
  }

  Set<SourceId> banned() {
    return sources.banned();
  }

  private List<Action> connect(long nowMs) {
    return sources.connect(nowMs).stream()
        .<Action>map(source -> new Action.Connect(source.id))
        .toList();
  }

  private List<Action> fill(long nowMs) {
    List<Action> actions = new ArrayList<>();
    if (picker.isEmpty()) {
      return actions;
    }
    // Where the budget is short, it goes to those that are asked for least.
    sources
        .active()
        .filter(source -> source.have.isPresent())
        .sorted(
            Comparator.<Source>comparingInt(source -> source.outstanding.size())
                .thenComparingLong(source -> source.askedAtMs))
        .forEach(source -> fill(source, source.have.orElseThrow(), nowMs, actions));
    return actions;
  }

  private void fill(Source source, ChunkSet have, long nowMs, List<Action> actions) {
    int depth = source.depth(nowMs);
    int room = depth - source.outstanding.size();
    if (room < depth / PARTS_OF_DEPTH) {
      return;
    }
    boolean planes = source.isWorthPlanes(nowMs);
    int first = -1;
    int count = 0;
    for (; room > 0; room--) {
      OptionalInt next = picker().pickFresh(have);
      if (next.isEmpty()) {
        next = pickLate(source, have, nowMs);
      }
      if (next.isEmpty()) {
        break;
      }
      int index = next.getAsInt();
      DownloadBudget.Answer answer = budget.take(source.id, chunkBytes(index), nowMs);
      spent = answer == DownloadBudget.Answer.SPENT;
      if (answer != DownloadBudget.Answer.YES) {
        heldBackAtMs = nowMs;
        break;
      }
      if (source.outstanding.isEmpty()) {
        source.progress(pace.heardBytes(), nowMs); // Its silence begins with the first request.
      }
      source.askedAtMs = nowMs;
      source.outstanding.put(index, nowMs);
      picker().requested(source.id, index, nowMs);
      if (count > 0 && index == first + count) {
        count++;
      } else {
        if (count > 0) {
          actions.add(new Action.Want(source.id, first, count, planes));
        }
        first = index;
        count = 1;
      }
    }
    if (count > 0) {
      actions.add(new Action.Want(source.id, first, count, planes));
    }
  }

  /** A chunk that others are late with, unless they bring it as fast as this source would. */
  private OptionalInt pickLate(Source source, ChunkSet have, long nowMs) {
    long patienceMs = source.patienceMs(nowMs);
    long sinceTriedMs = nowMs - unknownTriedAtMs;
    if (!source.isMeasured() && sinceTriedMs < patienceMs) {
      return OptionalInt.empty(); // One after the other: all may wait for the same thin line.
    }
    boolean mayBeTried = !source.isMeasured() && sinceTriedMs >= TRY_UNKNOWN_EVERY_MS;
    OptionalInt late =
        picker()
            .pickLate(
                source.id,
                have,
                nowMs - patienceMs,
                other -> !mayBeTried && keepsUp(other, source, nowMs));
    if (late.isPresent() && !source.isMeasured()) {
      unknownTriedAtMs = nowMs;
    }
    return late;
  }

  /** Whether a source that was asked before is at work, and not much slower than {@code other}. */
  private boolean keepsUp(SourceId id, Source other, long nowMs) {
    return sources
        .active(id)
        .filter(holder -> !pace.isSilent(holder, LATE_MS, activeSources(), nowMs))
        .filter(holder ->
            !other.isMeasured() || !pace.isMuchSlower(holder, other, activeSources(), nowMs))
        .isPresent();
  }

  private void dropSilent(long nowMs, List<Action> actions) {
    boolean othersWait = sources.places() == 0 && sources.waits(nowMs);
    long patienceMs = othersWait ? limits.silentMs() : limits.deadMs();
    for (Source source : sources.all()) {
      boolean owes = source.phase == Phase.ACTIVE && !source.outstanding.isEmpty();
      if (owes && pace.isSilent(source, patienceMs, activeSources(), nowMs)) {
        drop(source, nowMs, actions);
      }
    }
  }

  /** When all places are taken and others wait, the one far slower than the rest makes room. */
  private void replaceSlowest(long nowMs, List<Action> actions) {
    if (nowMs - replacedAtMs < REPLACE_EVERY_MS
        || activeSources() < limits.sources()
        || !sources.waits(nowMs)) {
      return;
    }
    List<Source> settled =
        sources
            .active()
            .filter(s -> nowMs - s.activeSinceMs >= REPLACE_EVERY_MS)
            .sorted(Comparator.comparingDouble(s -> s.bytesPerSecond(nowMs)))
            .toList();
    if (settled.isEmpty()) {
      return;
    }
    Source slowest = settled.getFirst();
    Source middle = settled.get(settled.size() / 2);
    boolean useless = !slowest.have.map(picker()::lacksSomethingOf).orElse(false);
    if (useless || pace.isMuchSlower(slowest, middle, activeSources(), nowMs)) {
      replacedAtMs = nowMs;
      drop(slowest, nowMs, actions);
    }
  }

  private void drop(Source source, long nowMs, List<Action> actions) {
    retire(source, Failure.LOST, 0, nowMs);
    actions.add(new Action.Drop(source.id));
  }

  private void retire(Source source, Failure failure, long leaveAloneMs, long nowMs) {
    release(source, nowMs);
    sources.retire(source, failure, leaveAloneMs, nowMs);
  }

  private void release(Source source, long nowMs) {
    source.outstanding.forEach((index, askedAtMs) -> released(source.id, index, askedAtMs, nowMs));
    source.outstanding.clear();
    source.have.ifPresent(have -> picker().remove(have));
    source.have = Optional.empty();
  }

  private void released(SourceId id, int index, long askedAtMs, long nowMs) {
    picker().released(id, index);
    budget.giveBack(id, chunkBytes(index), askedAtMs, nowMs);
  }

  private void refresh(long nowMs, List<Action> actions) {
    for (Source source : sources.all()) {
      if (source.phase == Phase.ACTIVE && source.have.isPresent()) {
        boolean whole = source.have.get().isComplete();
        long due = source.refreshedAtMs + (whole ? REFRESH_WHOLE_MS : REFRESH_PARTIAL_MS);
        if (nowMs >= due) { // To a whole source it only says that we are still here.
          source.refreshedAtMs = nowMs;
          actions.add(new Action.Refresh(source.id));
        }
      }
    }
  }

  private void judge(long nowMs, List<Action> actions) {
    if (spent && sources.all().stream().allMatch(source -> source.outstanding.isEmpty())) {
      actions.add(
          new Action.Fail(
              Reason.QUOTA_SPENT,
              budget.spentText() + "; what came is kept: raise the quota, or fetch it again then"));
      return;
    }
    // The owner's limit is no stall, and neither is a slow chunk.
    long movedAtMs = Math.max(Math.max(keptAtMs, pace.heardAtMs()), heldBackAtMs);
    if (nowMs - movedAtMs >= limits.giveUpMs()
        && sources.all().stream()
            .allMatch(source ->
                source.phase == Phase.ACTIVE
                    || source.triedAtMs > Math.max(keptAtMs, pace.heardAtMs()))) {
      Reason reason = everOpened ? Reason.STALLED : Reason.NO_SOURCES;
      actions.add(
          new Action.Fail(
              reason,
              why() + " for " + limits.giveUpMs() / 1000 + " s: try again when more peers are up"));
    } else if (nowMs - Math.max(stallSaidAtMs, movedAtMs) >= limits.stallReportMs()) {
      stallSaidAtMs = nowMs;
      actions.add(new Action.Stalled(why()));
    }
  }

  private String why() {
    if (sources.all().isEmpty()) {
      return "no source was found";
    }
    if (activeSources() == 0) {
      return "none of " + sources.all().size() + " known sources answers";
    }
    List<ChunkSet> offered =
        sources.all().stream().map(source -> source.have).flatMap(Optional::stream).toList();
    int nowhere = picker().missingFrom(offered);
    if (nowhere == picker().missing()) {
      return "no source has the last " + nowhere + " chunks";
    }
    return nowhere > 0
        ? "no source has " + nowhere + " of the last " + picker().missing() + " chunks"
        : "the sources send nothing, " + picker().missing() + " chunks are missing";
  }

  private int chunkBytes(int index) {
    return head.orElseThrow().chunkSize(index);
  }

  private ChunkPicker picker() {
    return picker.orElseThrow(() -> new IllegalStateException("the blob's head is not known yet"));
  }
}
