package org.skerry.node.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.board.trust.KeyBelief;
import org.skerry.board.trust.KeyStanding;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.key.RevocationFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "keys",
    description = {
      "Show who this node is, and look after the key it publishes under.",
      "Before the first task: `skerry keys recovery`. To change the key: `skerry keys rotate`."
          + " When it is lost or stolen: `skerry keys recover`, or `publish` a revocation."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      KeysCommand.Show.class,
      KeysCommand.Check.class,
      KeysRecoveryCommand.class,
      KeysRotateCommand.class,
      KeysRecoverCommand.class,
      KeysRevokeCommand.class,
      KeysCommand.Publish.class
    })
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
      KeyBelief known = new KeyDesk(session, home, new NetworkOptions()).known(peer);
      if (output.json) {
        Map<String, String> shown = new LinkedHashMap<>();
        shown.put("peer", peer.toString());
        shown.put("file", home.identityKey().toString());
        known.recovery().ifPresent(recovery -> shown.put("recovery", recovery.toString()));
        session.terminal().json(shown);
        return;
      }
      session.terminal().print(peer.toString());
      session.terminal().say("The key is in " + home.identityKey() + "; keep a copy of it.");
      known
          .recovery()
          .ifPresent(recovery -> session.terminal().say("Its recovery key is " + recovery + "."));
    }
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = "Ask the network whether a publisher's key is still to be believed.",
      footer = {"", "Example:", "  skerry keys check 12D3Koo…"})
  static final class Check implements CliAction {
    private final Session session;

    @Parameters(paramLabel = "PEER", description = "whose key")
    String peer = "";

    @Mixin NetworkOptions network = new NetworkOptions();
    @Mixin JsonOption output = new JsonOption();

    Check(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws Exception {
      PeerId key = peerId(peer);
      SkerryHome home = session.openHome("cli.log");
      KeyBelief belief = new KeyDesk(session, home, network).ask(stack -> stack.keys().belief(key));
      Map<String, String> shown = new LinkedHashMap<>();
      shown.put("key", key.toString());
      switch (belief.standing()) {
        case KeyStanding.Current ignored -> shown.put("standing", "current");
        case KeyStanding.Succeeded(PeerId successor) -> {
          shown.put("standing", "succeeded");
          shown.put("successor", successor.toString());
        }
        case KeyStanding.Revoked(String reason) -> {
          shown.put("standing", "revoked");
          shown.put("reason", reason);
        }
        case KeyStanding.Disputed(String why) -> {
          shown.put("standing", "disputed");
          shown.put("reason", why);
        }
      }
      belief.recovery().ifPresent(recovery -> shown.put("recovery", recovery.toString()));
      if (output.json) {
        session.terminal().json(shown);
      } else {
        shown.forEach((name, value) -> session.terminal().print("%-10s %s".formatted(name, value)));
      }
    }

    private static PeerId peerId(String text) throws NodeException {
      try {
        return PeerId.parse(text);
      } catch (IllegalArgumentException e) {
        throw new NodeException(
            Reason.USAGE, "'" + text + "' is no peer id", "write it as 12D3Koo…", e);
      }
    }
  }

  @Command(
      name = "publish",
      mixinStandardHelpOptions = true,
      description = "Tell the network a revocation that `skerry keys revoke` wrote before.",
      footer = {"", "Example:", "  skerry keys publish my-publisher.revocation"})
  static final class Publish implements CliAction {
    private final Session session;

    @Parameters(paramLabel = "FILE", description = "what `skerry keys revoke` wrote")
    Path file = Path.of(".");

    @Mixin NetworkOptions network = new NetworkOptions();

    @Option(names = "--yes", description = "do not ask: there is no way back")
    boolean yes;

    Publish(Session session) {
      this.session = session;
    }

    @Override
    public void act() throws Exception {
      RevocationFile revocation = RevocationFile.read(file);
      if (!yes) {
        throw new NodeException(
            Reason.USAGE,
            "this ends the key " + revocation.statements().key() + " for good",
            "add --yes if it is stolen or lost");
      }
      SkerryHome home = session.openHome("cli.log");
      KeyDesk desk = new KeyDesk(session, home, network);
      desk.learn(revocation.statements());
      desk.tell();
      session.terminal().say("Revoked: " + revocation.statements().key());
    }
  }
}
