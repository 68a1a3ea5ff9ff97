package org.skerry.node.daemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.WeightManifest;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.Progress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the blobs of manifests here in the background, so that one that nobody serves, or that is
 * served a byte at a time, delays the measurement of no other. One fetch for each author at a time;
 * what did not come rests, each time twice as long. Thread-safe.
 */
final class WeightsInbox implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WeightsInbox.class);
  private static final int MAX_UNDER_WAY = 16;
  private static final int MAX_REMEMBERED = 4_096;
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(10);
  private static final long FIRST_REST_MS = 20_000;
  private static final int MAX_DOUBLINGS = 6;

  private final PeerStack stack;
  private final InstantSource clock;
  private final Runnable arrival;
  private final ExecutorService fetches = Executors.newVirtualThreadPerTaskExecutor();
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Set<PeerId> underWay = new HashSet<>();

  @GuardedBy("lock")
  private final Map<Cid, Rest> rests = new LinkedHashMap<>();

  private record Rest(int failures, long untilMs) {}

  /**
   * @param arrival called when something came
   */
  WeightsInbox(PeerStack stack, InstantSource clock, Runnable arrival) {
    this.stack = stack;
    this.clock = clock;
    this.arrival = arrival;
  }

  /**
   * Whether all blobs of {@code manifest} are here; if not, they are being fetched from now on, or
   * wait for their turn.
   *
   * @param maxBytes that one of them may have
   */
  boolean has(Task task, SignedDocument<WeightManifest> manifest, long maxBytes) {
    WeightManifest named = manifest.document();
    if (isHere(named.weights()) && named.resume().map(this::isHere).orElse(true)) {
      return true;
    }
    PeerId author = manifest.signer();
    synchronized (lock) {
      Rest rest = rests.get(manifest.id());
      if ((rest != null && rest.untilMs() > clock.millis())
          || underWay.size() >= MAX_UNDER_WAY
          || !underWay.add(author)) {
        return false;
      }
    }
    fetches.execute(() -> bring(task, manifest, maxBytes));
    return false;
  }

  private boolean isHere(Cid blob) {
    return stack.blobs().store().has(new BlobId(blob));
  }

  private void bring(Task task, SignedDocument<WeightManifest> manifest, long maxBytes) {
    boolean came = false;
    try {
      fetch(task, manifest.document().weights(), manifest.signer(), maxBytes);
      if (manifest.document().resume().isPresent()) {
        fetch(task, manifest.document().resume().get(), manifest.signer(), maxBytes);
      }
      came = true;
    } catch (IOException | RuntimeException e) {
      LOG.info("weights of {} are not to be had: {}", manifest.id(), e.getMessage());
    } finally {
      synchronized (lock) {
        underWay.remove(manifest.signer());
        if (came) {
          rests.remove(manifest.id());
        } else {
          rest(manifest.id());
        }
      }
      if (came) {
        arrival.run();
      }
    }
  }

  private void fetch(Task task, Cid blob, PeerId author, long maxBytes) throws IOException {
    BlobId id = new BlobId(blob);
    stack.blobs().fetch(id, List.of(author), Progress.Listener.NONE, FETCH_LIMIT, maxBytes);
    stack.noteWeights(id, task.id());
  }

  @GuardedBy("lock")
  private void rest(Cid manifest) {
    Rest before = rests.remove(manifest);
    int failures = before == null ? 0 : before.failures() + 1;
    long restMs = FIRST_REST_MS << Math.min(failures, MAX_DOUBLINGS);
    rests.put(manifest, new Rest(failures, clock.millis() + restMs));
    if (rests.size() > MAX_REMEMBERED) {
      rests.remove(rests.keySet().iterator().next());
    }
  }

  @Override
  public void close() {
    fetches.shutdownNow();
  }
}
