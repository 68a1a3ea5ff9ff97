package org.skerry.transfer.fetch;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.SourceId;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.wire.BlobWire;
import org.skerry.transfer.wire.Request;
import org.skerry.transfer.wire.Response;

/** The stream to one peer: one virtual thread reads, another writes requests. */
final class PeerSession implements Session {
  private static final Request.Want END = new Request.Want(0, 1, false);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration READ_TIMEOUT = Duration.ofSeconds(60);

  private final Host host;
  private final String protocol;
  private final PeerId peer;
  private final BlobId blob;
  private final Events events;
  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  // Each with whether it may come as planes.
  private final Map<Integer, Boolean> asked = new ConcurrentHashMap<>();
  private final AtomicLong heardBytes = new AtomicLong();
  private volatile boolean ended;
  private volatile @Nullable Stream stream;

  PeerSession(Host host, String protocol, PeerId peer, BlobId blob, Events events) {
    this.host = host;
    this.protocol = protocol;
    this.peer = peer;
    this.blob = blob;
    this.events = events;
  }

  @Override
  public SourceId source() {
    return new SourceId.Peer(peer);
  }

  @Override
  public boolean ended() {
    return ended;
  }

  @Override
  public long takeHeardBytes() {
    return heardBytes.getAndSet(0);
  }

  @Override
  public void start() {
    Thread.ofVirtual().name("blob-read " + peer.shortText()).start(this::read);
  }

  @Override
  public void want(int first, int count, boolean planes) {
    for (int at = first; at < first + count; at += Request.MAX_CHUNKS) {
      int size = Math.min(Request.MAX_CHUNKS, first + count - at);
      for (int i = at; i < at + size; i++) {
        asked.put(i, planes);
      }
      requests.add(new Request.Want(at, size, planes));
    }
  }

  @Override
  public void refresh() {
    requests.add(new Request.Refresh());
  }

  @Override
  public void end() {
    ended = true;
    requests.add(END);
    Stream open = stream;
    if (open != null) {
      open.reset();
    }
  }

  private void read() {
    try (Stream open = host.open(peer, List.of(protocol), CONNECT_TIMEOUT)) {
      stream = open;
      if (ended) { // Between the opening and the assignment.
        open.reset();
        return;
      }
      open.timeout(READ_TIMEOUT);
      BlobWire.write(open, new Request.Open(blob));
      switch (BlobWire.readFirst(open)) {
        case Response.Opened opened -> {
          if (opened.head().id().equals(blob)) {
            events.opened(this, opened.head(), opened.have());
            Thread.ofVirtual().name("blob-ask " + peer.shortText()).start(() -> ask(open));
            readChunks(new HeardStream(open, heardBytes::addAndGet), opened.head());
          } else {
            events.lied(this, Rejection.WRONG_HEAD);
          }
        }
        case Response.Refusal refusal ->
            events.failed(
                this,
                refusal.why() == Response.Why.BUSY
                    ? FetchPlan.Failure.BUSY
                    : FetchPlan.Failure.NOT_FOUND,
                0);
        case Response.Have ignored -> events.lied(this, Rejection.MALFORMED_MESSAGE);
        case Response.Chunk ignored -> events.lied(this, Rejection.UNREQUESTED_CHUNK);
      }
    } catch (DataFormatException e) {
      events.lied(this, Rejection.BAD_CHUNK);
    } catch (BlobWire.MalformedException e) {
      events.lied(this, Rejection.MALFORMED_MESSAGE);
    } catch (IOException e) {
      events.failed(this, FetchPlan.Failure.LOST, 0);
    } finally {
      requests.add(END);
    }
  }

  private void readChunks(Stream open, BlobHead head) throws IOException, DataFormatException {
    // One for all chunks, of which each is verified and written before the next is read.
    byte[] room = BlobWire.room(head);
    while (!ended) {
      switch (BlobWire.read(open, head, room)) {
        case Response.Chunk chunk -> {
          Boolean planes = asked.remove(chunk.chunk().index());
          if (planes == null) {
            events.lied(this, Rejection.UNREQUESTED_CHUNK);
            return;
          }
          if (chunk.planes() && !planes) {
            events.lied(this, Rejection.MALFORMED_MESSAGE);
            return;
          }
          int size = head.chunkSize(chunk.chunk().index());
          events.chunk(this, chunk.decoded(size), chunk.wireBytes());
        }
        case Response.Have have -> events.have(this, have.have());
        case Response.Refusal refusal -> {
          if (refusal.why() != Response.Why.GONE || asked.remove(refusal.index()) == null) {
            events.failed(this, FetchPlan.Failure.LOST, 0);
            return;
          }
          events.gone(this, refusal.index());
        }
        case Response.Opened ignored -> {
          events.lied(this, Rejection.MALFORMED_MESSAGE);
          return;
        }
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // END is one object, equal to a genuine request.
  private void ask(Stream open) {
    try {
      for (Request next = requests.take(); next != END; next = requests.take()) {
        BlobWire.write(open, next);
      }
    } catch (Libp2pException e) {
      open.reset(); // The reader sees it and tells.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
