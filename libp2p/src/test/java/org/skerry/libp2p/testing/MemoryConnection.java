package org.skerry.libp2p.testing;

import java.util.ArrayList;
import java.util.List;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;

/** One end of a connection between two in-memory hosts. */
final class MemoryConnection implements Connection {
  /** What both ends share: whether the link is up, and the streams on it. */
  static final class Link {
    private final List<MemoryStream> streams = new ArrayList<>();
    private boolean open = true;

    synchronized boolean add(MemoryStream near, MemoryStream far) {
      if (!open) {
        return false;
      }
      streams.removeIf(MemoryStream::isOver);
      streams.add(near);
      streams.add(far);
      return true;
    }

    synchronized boolean isOpen() {
      return open;
    }

    synchronized int streamCount() {
      streams.removeIf(MemoryStream::isOver);
      return streams.size() / 2;
    }

    /** The streams to fail, once. */
    synchronized List<MemoryStream> close() {
      open = false;
      List<MemoryStream> failing = List.copyOf(streams);
      streams.clear();
      return failing;
    }
  }

  private final MemoryHost local;
  private final MemoryHost remote;
  private final Link link;
  private final boolean initiator;

  MemoryConnection(MemoryHost local, MemoryHost remote, Link link, boolean initiator) {
    this.local = local;
    this.remote = remote;
    this.link = link;
    this.initiator = initiator;
  }

  /** The same connection as the other end sees it. */
  MemoryConnection other() {
    return new MemoryConnection(remote, local, link, !initiator);
  }

  MemoryHost remote() {
    return remote;
  }

  Link link() {
    return link;
  }

  @Override
  public PeerId remotePeer() {
    return remote.peerId();
  }

  @Override
  public Multiaddr remoteAddress() {
    return remote.listenAddresses().getFirst();
  }

  @Override
  public boolean initiator() {
    return initiator;
  }

  @Override
  public boolean isOpen() {
    return link.isOpen();
  }

  @Override
  public void close() {
    link.close().forEach(stream -> stream.fail(Reason.CLOSED));
    local.forget(remote.peerId(), link);
    remote.forget(local.peerId(), link);
  }
}
