package org.skerry.libp2p.host;

import java.net.InetSocketAddress;
import java.util.Optional;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.host.HostMetrics.Refusal;

/**
 * Where each connection is held to the block list: before it is dialled, when it is accepted, and
 * when its peer is known. What is refused is counted. Thread-safe.
 */
final class Gate {
  private final HostMetrics metrics;
  private volatile BlockList blocked = BlockList.NONE;

  Gate(HostMetrics metrics) {
    this.metrics = metrics;
  }

  void block(BlockList list) {
    blocked = list;
  }

  BlockList blocked() {
    return blocked;
  }

  /** Why nobody is to be dialled or accepted at {@code remote}; nothing when somebody may. */
  Optional<String> refusal(InetSocketAddress remote) {
    if (!blocked.blocks(remote.getAddress().getAddress())) {
      return Optional.empty();
    }
    metrics.refused(Refusal.BLOCKED_ADDRESS);
    return Optional.of("this host's block list has " + remote.getAddress().getHostAddress());
  }

  /** Why there is no connection to {@code peer}; nothing when there may be one. */
  Optional<String> refusal(PeerId peer) {
    if (!blocked.blocks(peer)) {
      return Optional.empty();
    }
    metrics.refused(Refusal.BLOCKED_PEER);
    return Optional.of("this host's block list has peer " + peer);
  }
}
