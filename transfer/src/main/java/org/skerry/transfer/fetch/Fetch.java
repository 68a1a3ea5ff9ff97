package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.PeerId;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.fetch.Progress.Status;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.store.BlobStore;
import org.skerry.transfer.store.PartialBlob;
import org.skerry.transfer.web.WebReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one {@link FetchPlan}: the calling thread owns the plan and takes events from a queue; the
 * sessions' threads verify and write chunks and put events into it.
 */
final class Fetch implements Session.Events {
  private static final Logger log = LoggerFactory.getLogger(Fetch.class);
  private static final long TICK_MS = 200;
  private static final long RATE_TAU_MS = 5_000;

  /** What a session saw, to be told to the plan by its owner. */
  private interface Event {
    List<Action> tell(long nowMs) throws IOException;
  }

  private final Host host;
  private final String protocol;
  private final Optional<WebReader> web;
  private final BlobStore store;
  private final TransferLedger ledger;
  private final Consumer<SourceId> ban;
  private final BlobId blob;
  private final long maxBytes;
  private final Sources sources;
  private final Progress.Listener listener;
  private final long startMs = nowMs();
  private final FetchPlan plan;
  private final RateMeter rate = new RateMeter(RATE_TAU_MS, startMs);
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final Map<SourceId, Session> sessions = new HashMap<>();
  private final Object ending = new Object();
  private volatile @Nullable PartialBlob partial;
  private String stalled = "";
  private boolean complete;

  Fetch(
      Host host,
      String protocol,
      Optional<WebReader> web,
      BlobStore store,
      TransferLedger ledger,
      FetchLimits limits,
      DownloadBudget budget,
      Set<SourceId> banned,
      Consumer<SourceId> ban,
      BlobId blob,
      long maxBytes,
      Sources sources,
      Progress.Listener listener) {
    this.host = host;
    this.protocol = protocol;
    this.web = web;
    this.store = store;
    this.ledger = ledger;
    this.ban = ban;
    this.blob = blob;
    this.maxBytes = maxBytes;
    this.sources = sources;
    this.listener = listener;
    this.plan = new FetchPlan(limits, budget, banned, new Random(), startMs);
  }

  void run(Duration timeout) throws IOException {
    try {
      Optional<BlobHead> known = store.partialHead(blob);
      if (known.isPresent()) {
        run(begin(known.get()));
      }
      if (!complete) { // Or it would be done before it is in its place.
        report();
        if (web.isPresent()) {
          run(plan.know(sources.web(), nowMs()));
        }
      }
      loop(timeout);
      PartialBlob whole = partial;
      if (whole == null) {
        throw new IllegalStateException("complete without a partial blob");
      }
      whole.publish();
      report();
    } catch (InterruptedException | ClosedByInterruptException e) {
      Thread.currentThread().interrupt();
      throw new TransferException(
          Reason.CANCELLED, "the fetch of blob " + blob + " was cancelled; it can be resumed", e);
    } finally {
      synchronized (ending) { // Or a lie might be judged after the next fetch has begun.
        sessions.values().forEach(Session::end);
      }
      PartialBlob left = partial;
      if (left != null) {
        left.close();
      }
    }
  }

  private void loop(Duration timeout) throws IOException, InterruptedException {
    long deadlineMs = startMs + timeout.toMillis();
    long tickAtMs = nowMs();
    while (!complete) {
      long now = nowMs();
      if (now >= tickAtMs) {
        if (now >= deadlineMs) {
          throw new TransferException(
              Reason.TIMEOUT,
              "blob "
                  + blob
                  + " did not come within "
                  + timeout.toSeconds()
                  + " s; what came is"
                  + " kept: fetch it again to go on");
        }
        sessions.values().forEach(session -> hear(session, now));
        run(plan.tick(now));
        report();
        tickAtMs = now + TICK_MS;
      } else {
        Event event = events.poll(tickAtMs - now, TimeUnit.MILLISECONDS);
        if (event != null) {
          run(event.tell(nowMs()));
        }
      }
    }
  }

  private void run(List<Action> actions) throws IOException {
    for (Action action : actions) {
      switch (action) {
        case Action.FindSources ignored -> find();
        case Action.Connect connect -> connect(connect.source());
        case Action.Want want -> {
          Session session = sessions.get(want.source());
          if (session != null) {
            session.want(want.first(), want.count(), want.planes());
          }
        }
        case Action.Refresh refresh -> {
          Session session = sessions.get(refresh.source());
          if (session != null) {
            session.refresh();
          }
        }
        case Action.Drop drop -> end(drop.source());
        case Action.Stalled stall -> {
          stalled = stall.message();
          log.info("blob {}: {}", blob.shortText(), stalled);
        }
        case Action.Complete ignored -> complete = true;
        case Action.Fail fail ->
            throw new TransferException(fail.reason(), "blob " + blob + ": " + fail.message());
      }
    }
  }

  private void find() {
    Thread.ofVirtual()
        .name("blob-sources")
        .start(() -> {
          List<PeerId> found;
          try {
            found = sources.find(blob).stream().filter(p -> !p.equals(host.peerId())).toList();
          } catch (IOException | RuntimeException e) {
            log.debug("no sources for {}: {}", blob, e.getMessage());
            found = List.of();
          }
          List<PeerId> peers = found;
          events.add(now -> plan.found(peers, now));
        });
  }

  private void connect(SourceId source) {
    end(source);
    Session session =
        switch (source) {
          case SourceId.Peer peer -> new PeerSession(host, protocol, peer.id(), blob, this);
          case SourceId.Web seed ->
              new WebSession(web.orElseThrow(), seed.seed(), blob, mostBytes(), this);
        };
    sessions.put(source, session);
    session.start();
  }

  private long mostBytes() {
    PartialBlob begun = partial;
    return begun == null ? maxBytes : begun.head().sizeBytes();
  }

  private void end(SourceId source) {
    Session old = sessions.remove(source);
    if (old != null) {
      old.end();
    }
  }

  static void requireSize(BlobId blob, long bytes, long maxBytes) throws TransferException {
    if (bytes > maxBytes) {
      throw new TransferException(
          Reason.TOO_LARGE, "blob " + blob + " has " + bytes + " bytes, and may have " + maxBytes);
    }
  }

  private List<Action> begin(BlobHead head) throws IOException {
    requireSize(blob, head.sizeBytes(), maxBytes);
    PartialBlob opened = store.openPartial(head);
    partial = opened;
    return plan.begin(head, opened.have());
  }

  @Override
  public void opened(Session session, BlobHead head, ChunkSet have) {
    post(
        session,
        now -> {
          if (!plan.begun()) {
            run(begin(head));
          }
          return plan.opened(session.source(), have, now);
        });
  }

  @Override
  public void have(Session session, ChunkSet have) {
    post(session, now -> plan.have(session.source(), have, now));
  }

  @Override
  public void chunk(Session session, ProvenChunk chunk, int wireBytes) {
    PartialBlob target = partial;
    if (target == null || session.ended()) {
      return;
    }
    PartialBlob.Kept kept;
    try {
      kept = target.keep(chunk);
    } catch (IOException e) {
      post(
          session,
          now -> {
            throw e;
          });
      return;
    } catch (IllegalStateException e) {
      log.debug("chunk {} of {} came after the end", chunk.index(), blob);
      return;
    }
    int index = chunk.index();
    int bytes = chunk.data().remaining();
    switch (kept) {
      case KEPT, DUPLICATE -> {
        ledger.countDown(session.source(), wireBytes);
        boolean fresh = kept == PartialBlob.Kept.KEPT;
        // Told even after the session's end: the chunk is on disk.
        events.add(now -> {
          if (fresh) {
            stalled = "";
            rate.add(bytes, now);
          }
          hear(session, now);
          plan.saved(session.source(), index, bytes - wireBytes, now);
          return plan.kept(session.source(), index, bytes, fresh, now);
        });
      }
      case BAD_CHUNK -> lied(session, Rejection.BAD_CHUNK);
      case BAD_PROOF -> lied(session, Rejection.BAD_PROOF);
    }
  }

  private void hear(Session session, long nowMs) {
    if (!session.ended() && plan.heard(session.source(), session.takeHeardBytes(), nowMs)) {
      stalled = "";
    }
  }

  @Override
  public void gone(Session session, int index) {
    post(session, now -> plan.gone(session.source(), index, now));
  }

  @Override
  public void lied(Session session, Rejection rejection) {
    synchronized (ending) {
      if (session.ended()) {
        return;
      }
      session.end();
      ledger.refuse(session.source(), rejection);
      ban.accept(session.source());
    }
    log.warn("{} is banned for blob {}: {}", session.source(), blob, rejection);
    events.add(now -> plan.lied(session.source(), now));
  }

  @Override
  public void failed(Session session, FetchPlan.Failure failure, long leaveAloneMs) {
    post(session, now -> plan.failed(session.source(), failure, leaveAloneMs, now));
  }

  /** Events of a session that was replaced in the meantime say nothing about its successor. */
  private void post(Session session, Event event) {
    events.add(now -> session.ended() ? List.of() : event.tell(now));
  }

  private void report() {
    PartialBlob now = partial;
    long total = now == null ? 0 : now.head().sizeBytes();
    long completed = now == null ? 0 : now.completedBytes();
    double bytesPerSecond = rate.bytesPerSecond(nowMs());
    Status status =
        complete
            ? Status.DONE
            : !stalled.isEmpty() ? Status.STALLED : now == null ? Status.FINDING : Status.FETCHING;
    OptionalLong eta =
        complete
            ? OptionalLong.of(0)
            : bytesPerSecond < 1
                ? OptionalLong.empty()
                : OptionalLong.of((long) ((total - completed) * 1000 / bytesPerSecond));
    listener.on(
        new Progress(
            status, blob, total, completed, bytesPerSecond, eta, plan.activeSources(), stalled));
  }

  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }
}
