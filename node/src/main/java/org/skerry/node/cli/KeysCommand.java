package org.skerry.node.cli;

import java.util.Map;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "keys",
    description = "Show who this node is.",
    mixinStandardHelpOptions = true,
    subcommands = KeysCommand.Show.class)
final class KeysCommand extends Group {
  KeysCommand(Session session) {
    super(session);
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Print this node's peer id; creates the identity key on first use.",
      footer = {"", "Example:", "  skerry keys show --json"})
  static final class Show implements CliAction {
    private final Session session;

    @Mixin JsonOption output = new JsonOption();

    Show(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws NodeException {
      SkerryHome home = session.openHome("cli.log");
      PrivateKey key = IdentityFile.loadOrCreate(home.identityKey());
      PeerId peer = PeerId.of(key.publicKey());
      if (output.json) {
        session
            .terminal()
            .json(Map.of("peer", peer.toString(), "file", home.identityKey().toString()));
      } else {
        session.terminal().print(peer.toString());
        session.terminal().say("The key is in " + home.identityKey() + "; keep a copy of it.");
      }
    }
  }
}
