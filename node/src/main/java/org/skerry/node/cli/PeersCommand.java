package org.skerry.node.cli;

import java.util.List;
import org.skerry.node.NodeException;
import org.skerry.node.config.ByteSize;
import org.skerry.node.control.ControlClient;
import org.skerry.node.control.PeerStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "peers",
    mixinStandardHelpOptions = true,
    description = "List the peers the running daemon is connected to.",
    footer = {"", "Example:", "  skerry peers --json"})
final class PeersCommand implements CliAction {
  private final Session session;

  @Mixin JsonOption output = new JsonOption();

  PeersCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException {
    try (ControlClient daemon = session.daemon()) {
      List<PeerStatus> peers = daemon.peers();
      if (output.json) {
        session.terminal().json(peers);
        return;
      }
      if (peers.isEmpty()) {
        session
            .terminal()
            .say(
                "Not connected to anybody; add a bootstrap address under [network] in "
                    + session.home().config()
                    + ".");
      }
      for (PeerStatus peer : peers) {
        session
            .terminal()
            .print(
                "%s  %-7s %10s received %10s sent  %s%s"
                    .formatted(
                        peer.peer(),
                        peer.dialled() ? "dialled" : "inbound",
                        ByteSize.format(peer.receivedBytes()),
                        ByteSize.format(peer.sentBytes()),
                        peer.address(),
                        peer.refused() > 0 ? "  " + peer.refused() + " refused" : ""));
      }
    }
  }
}
