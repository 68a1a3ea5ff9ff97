package org.skerry.node.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.record.KeyDirectory;
import org.skerry.board.trust.KeyBelief;
import org.skerry.board.trust.KeyStanding;
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
import picocli.CommandLine.Parameters;

@Command(
    name = "recover",
    mixinStandardHelpOptions = true,
    description = {
      "Make this node's key the successor of a publisher's that is lost or stolen.",
      "Run it in a home that a thief has not seen, with the recovery key. --stolen revokes the old"
          + " key as well: nothing it ever accepted as an evaluator counts then, and its tasks go on"
          + " as forks (`skerry task fork`)."
    },
    footer = {
      "",
      "Examples:",
      "  skerry keys recover /media/stick/publisher.recovery",
      "  skerry keys recover publisher.recovery --stolen 'the laptop is gone' --home ~/new"
    })
final class KeysRecoverCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "FILE", description = "what `skerry keys recovery` wrote")
  Path file = Path.of(".");

  @Option(
      names = "--stolen",
      paramLabel = "REASON",
      description = "revoke the old key, with one line for people")
  @Nullable String stolen;

  @Mixin NetworkOptions network = new NetworkOptions();

  KeysRecoverCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    RecoveryFile recovery = RecoveryFile.read(file);
    SkerryHome home = session.openHome("cli.log");
    PrivateKey key = IdentityFile.loadOrCreate(home.identityKey());
    KeyDesk desk = new KeyDesk(session, home, network);
    // Of all that is said of the key, this is what its owner holds true.
    desk.learn(recovery.named());
    KeyBelief lost = desk.ask(stack -> lost(stack.keys(), recovery));
    PeerId self = PeerId.of(key.publicKey());
    if (lost.key().equals(self)) {
      throw new NodeException(
          Reason.USAGE,
          "this node has the very key that is to be succeeded",
          "run this in another home, named with --home");
    }
    if (!lost.recovered().isEmpty() && !lost.recovered().equals(List.of(self))) {
      throw new NodeException(
          Reason.NOT_ACCEPTED,
          "the recovery key made " + lost.recovered().getFirst() + " the successor before",
          "use that one's home: a second successor would be a contradiction for good");
    }
    KeyWords words = new KeyWords(InstantSource.system());
    KeyRecord statements = words.succession(recovery.key(), lost.key(), key);
    if (stolen != null) {
      statements =
          statements.merge(words.revocation(recovery.key(), lost.key(), Optional.empty(), stolen));
    }
    desk.learn(statements);
    if (desk.known(self).recoveries().isEmpty()) {
      desk.learn(words.recovery(key, recovery.peer()));
    }
    session.terminal().print(self.toString());
    session.terminal().say("This key succeeds " + lost.key() + ".");
    desk.tell();
  }

  /** The last of the keys that followed each other which named this recovery key. */
  private static KeyBelief lost(KeyDirectory keys, RecoveryFile recovery) throws NodeException {
    Optional<KeyBelief> last = Optional.empty();
    PeerId at = recovery.named().key();
    for (int hop = 0; hop <= KeyDirectory.MAX_SUCCESSIONS; hop++) {
      KeyBelief belief = keys.belief(at);
      if (belief.recovery().equals(Optional.of(recovery.peer()))) {
        last = Optional.of(belief);
      }
      if (!(belief.standing() instanceof KeyStanding.Succeeded(PeerId successor))) {
        break;
      }
      at = successor;
    }
    return last.orElseThrow(() ->
        new NodeException(
            Reason.NOT_ACCEPTED,
            "the key " + recovery.named().key() + " named another recovery key first",
            "nobody who saw that would believe this one: publish under a new key, and say so"));
  }
}
