package org.skerry.node.cli;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.trust.KeyBelief;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.key.KeyWords;
import org.skerry.node.key.RecoveryFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "recovery",
    mixinStandardHelpOptions = true,
    description = {
      "Make a recovery key and let this node's key name it, once and for good.",
      "Its word about the key counts more than the key's own, with everybody who saw this before"
          + " a thief could say otherwise. So do it before you publish."
    },
    footer = {"", "Example:", "  skerry keys recovery --out /media/stick/publisher.recovery"})
final class KeysRecoveryCommand implements CliAction {
  private final Session session;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "where to, best on something that is not left in a computer")
  Path out = Path.of(".");

  @Mixin NetworkOptions network = new NetworkOptions();

  KeysRecoveryCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    PrivateKey key = IdentityFile.loadOrCreate(home.identityKey());
    KeyDesk desk = new KeyDesk(session, home, network);
    // A home that was restored may have forgotten; a second name would be a contradiction for good.
    requireNone(desk.askIfPossible(PeerId.of(key.publicKey())));
    PrivateKey recovery = PrivateKey.generate(new SecureRandom());
    PeerId named = PeerId.of(recovery.publicKey());
    KeyRecord statement = new KeyWords(InstantSource.system()).recovery(key, named);
    new RecoveryFile(recovery, statement).write(out);
    desk.learn(statement);
    session.terminal().print(named.toString());
    session
        .terminal()
        .say(
            "The recovery key is in %s: take it off this computer, and keep two copies."
                .formatted(out));
    desk.tell();
  }

  private static void requireNone(KeyBelief belief) throws NodeException {
    if (!belief.recoveries().isEmpty()) {
      throw new NodeException(
          Reason.USAGE,
          "this node's key named its recovery key before"
              + belief.recovery().map(peer -> ": " + peer).orElse(""),
          "a key names one for good; if that one is lost, take a new key with `skerry keys"
              + " rotate`, and name one for it");
    }
  }
}
