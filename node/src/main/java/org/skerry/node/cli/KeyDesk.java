package org.skerry.node.cli;

import java.io.IOException;
import java.util.Optional;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.record.KeyBeliefs;
import org.skerry.board.trust.KeyBelief;
import org.skerry.libp2p.PeerId;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.control.ControlClient;
import org.skerry.node.daemon.FileKeyBeliefs;
import org.skerry.node.daemon.PeerStack;
import org.skerry.node.home.SkerryHome;

/** What the commands about keys share: a home's beliefs, and ways to ask and tell the network. */
final class KeyDesk {
  private final Session session;
  private final SkerryHome home;
  private final NetworkOptions network;
  private final KeyBeliefs beliefs;

  KeyDesk(Session session, SkerryHome home, NetworkOptions network) {
    this.session = session;
    this.home = home;
    this.network = network;
    this.beliefs = new FileKeyBeliefs(home.believedKeys());
  }

  /** What this home believes of {@code key}, without asking anybody. */
  KeyBelief known(PeerId key) {
    return beliefs.of(key).orElseGet(() -> KeyBelief.nothing(key));
  }

  /** Takes note of {@code record}: the daemon passes on what its home knows. */
  void learn(KeyRecord record) {
    KeyBelief before = known(record.key());
    KeyBelief after = before.hear(record);
    if (!after.equals(before)) {
      beliefs.store(after);
    }
  }

  /** What is done with a network that was joined. */
  interface Asking<T> {
    T of(PeerStack stack) throws NodeException;
  }

  /** Joins the network for as long as {@code asking} takes. */
  <T> T ask(Asking<T> asking) throws NodeException, IOException {
    NodeConfig config = network.config(session);
    try (PeerStack stack = Consumer.join(home, config, session.terminal())) {
      return asking.of(stack);
    }
  }

  /** As {@link #ask}; where no bootstrap peer is configured, what this home knows has to do. */
  KeyBelief askIfPossible(PeerId key) throws NodeException, IOException {
    return network.config(session).bootstrap().isEmpty()
        ? known(key)
        : ask(stack -> stack.keys().belief(key));
  }

  /** Tells the network what this home knows, through the daemon when one runs. */
  void tell() throws NodeException, IOException {
    Optional<NodeException> refused = throughDaemon();
    if (refused.isEmpty()) {
      session.terminal().say("The network was told, and is told again every hour.");
      return;
    }
    if (refused.get().reason() != Reason.NO_DAEMON) {
      throw refused.get();
    }
    if (network.config(session).bootstrap().isEmpty()) {
      session.terminal().say("The network is told when `skerry node run` next starts here.");
      return;
    }
    int failed = ask(stack -> stack.keys().announceAll());
    if (failed > 0) {
      throw new NodeException(
          Reason.UNREACHABLE,
          "no peer took what was said about the key; it is kept here",
          "run `skerry node run`, which says it every hour");
    }
    session
        .terminal()
        .say(
            "The network was told; it forgets within two days unless `skerry node run` says it"
                + " again.");
  }

  private Optional<NodeException> throughDaemon() {
    try (ControlClient daemon = ControlClient.open(home)) {
      daemon.announceKeys();
      return Optional.empty();
    } catch (NodeException e) {
      return Optional.of(e);
    }
  }
}
