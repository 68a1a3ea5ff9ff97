package org.skerry.transfer.fetch;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.web.WebBody;
import org.skerry.transfer.web.WebException;
import org.skerry.transfer.web.WebReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests to one web seed: first for the leaves of the blob, which its id proves and which
 * prove its chunks; then two virtual threads ask for what is wanted, neighbouring chunks at once.
 * Everything mutable is guarded by {@code this}.
 */
final class WebSession implements Session {
  private static final Logger log = LoggerFactory.getLogger(WebSession.class);
  private static final int THREADS = 2;
  // Four MiB: the request is a small part, and the other thread has something left to ask for.
  private static final int MAX_CHUNKS_PER_REQUEST = 16;

  private final WebReader web;
  private final WebSeed seed;
  private final BlobId blob;
  private final long maxBytes;
  private final Events events;
  // Interrupted at the end, unlike threads that may be writing: that would close the blob's file.
  private final Set<Thread> asking = new HashSet<>();
  private final Set<WebBody> bodies = new HashSet<>();
  private final TreeSet<Integer> wanted = new TreeSet<>();
  private long heardBytes;
  private boolean stopped;
  private volatile boolean ended;

  /** Chunks {@code first}, {@code first + 1}, … */
  private record Run(int first, int count) {}

  /**
   * @param maxBytes the blob has no more
   */
  WebSession(WebReader web, WebSeed seed, BlobId blob, long maxBytes, Events events) {
    this.web = web;
    this.seed = seed;
    this.blob = blob;
    this.maxBytes = maxBytes;
    this.events = events;
  }

  @Override
  public SourceId source() {
    return new SourceId.Web(seed);
  }

  @Override
  public boolean ended() {
    return ended;
  }

  @Override
  public synchronized long takeHeardBytes() {
    bodies.forEach(body -> heardBytes += body.takeHeardBytes());
    long heard = heardBytes;
    heardBytes = 0;
    return heard;
  }

  @Override
  public void start() {
    run(this::readLeaves);
  }

  private void run(Work work) {
    Thread.ofVirtual()
        .name("blob-web " + seed.folder().getHost())
        .start(() -> {
          try {
            work.run();
          } catch (WebException e) {
            log.debug("web seed {}: {}", seed, e.getMessage());
            tell(e.reason(), e.retryAfter());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // Ended, or another thread has told why.
          } catch (RuntimeException e) {
            log.warn("web seed {} is left alone for now", seed, e);
            tell(WebException.Reason.LOST, Duration.ZERO);
          }
        });
  }

  private interface Work {
    void run() throws WebException, InterruptedException;
  }

  @Override
  public synchronized void want(int first, int count, boolean planes) {
    for (int i = first; i < first + count; i++) {
      wanted.add(i);
    }
    notifyAll();
  }

  /** What lies on a web server is whole. */
  @Override
  public void refresh() {}

  @Override
  public void end() {
    ended = true;
    stop();
  }

  private void stop() {
    List<WebBody> open;
    synchronized (this) {
      stopped = true;
      notifyAll();
      asking.forEach(Thread::interrupt);
      open = List.copyOf(bodies);
    }
    open.forEach(WebBody::close);
  }

  private void readLeaves() throws WebException, InterruptedException {
    long most = Math.min(maxBytes, (long) BlobHead.MAX_CHUNKS * BlobHead.CHUNK_BYTES);
    int mostLeaves = MerkleTree.leavesBytes(most);
    MerkleTree tree;
    try (WebBody body = open(() -> web.open(seed.leaves(blob), mostLeaves))) {
      byte[] leaves = body.readAll(mostLeaves);
      forget(body);
      tree = MerkleTree.ofLeaves(leaves);
    } catch (IllegalArgumentException e) {
      events.lied(this, Rejection.MALFORMED_MESSAGE);
      return;
    }
    if (!tree.head().id().equals(blob)) {
      events.lied(this, Rejection.WRONG_HEAD);
      return;
    }
    events.opened(this, tree.head(), ChunkSet.all(tree.head().chunks()));
    for (int i = 0; i < THREADS; i++) {
      run(() -> readChunks(tree));
    }
  }

  private void readChunks(MerkleTree tree) throws WebException, InterruptedException {
    while (true) {
      read(tree, next());
    }
  }

  private synchronized Run next() throws InterruptedException {
    while (wanted.isEmpty() && !stopped) {
      wait();
    }
    requireRunning();
    int first = wanted.first();
    int count = 0;
    while (count < MAX_CHUNKS_PER_REQUEST && wanted.remove(first + count)) {
      count++;
    }
    return new Run(first, count);
  }

  private void read(MerkleTree tree, Run run) throws WebException, InterruptedException {
    BlobHead head = tree.head();
    long offset = head.offset(run.first());
    int last = run.first() + run.count() - 1;
    long size = head.offset(last) + head.chunkSize(last) - offset;
    try (WebBody body = open(() -> web.open(seed.file(blob), offset, size, head.sizeBytes()))) {
      for (int index = run.first(); index <= last; index++) {
        ByteBuffer data = ByteBuffer.wrap(body.read(head.chunkSize(index)));
        events.chunk(this, new ProvenChunk(index, data, tree.proof(index)), data.remaining());
      }
      body.requireEnd();
      forget(body);
    }
  }

  private interface Opening {
    WebBody open() throws WebException, InterruptedException;
  }

  /** Opens what {@link #stop} interrupts or closes. */
  private WebBody open(Opening opening) throws WebException, InterruptedException {
    synchronized (this) {
      requireRunning();
      asking.add(Thread.currentThread());
    }
    Optional<WebBody> opened = Optional.empty();
    try {
      opened = Optional.of(opening.open());
    } finally {
      synchronized (this) {
        asking.remove(Thread.currentThread());
        if (stopped) {
          opened.ifPresent(WebBody::close);
        } else {
          opened.ifPresent(bodies::add);
        }
      }
    }
    return opened.get();
  }

  private synchronized void forget(WebBody body) {
    heardBytes += body.takeHeardBytes();
    bodies.remove(body);
  }

  private synchronized void requireRunning() throws InterruptedException {
    if (stopped) {
      throw new InterruptedException("stopped");
    }
  }

  /** Tells of the first failure; what fails behind it fails because of it. */
  private void tell(WebException.Reason reason, Duration leaveAlone) {
    synchronized (this) {
      if (stopped) {
        return;
      }
    }
    stop();
    switch (reason) {
      case NOT_FOUND -> events.failed(this, FetchPlan.Failure.NOT_FOUND, 0);
      case BUSY -> events.failed(this, FetchPlan.Failure.BUSY, leaveAlone.toMillis());
      case LOST -> events.failed(this, FetchPlan.Failure.LOST, 0);
      case FORBIDDEN -> events.lied(this, Rejection.FORBIDDEN_ADDRESS);
      case MALFORMED -> events.lied(this, Rejection.MALFORMED_MESSAGE);
    }
  }
}
