package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.trust.KeyBelief;
import org.skerry.board.trust.KeyStanding;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.AtomicFile;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.FormerKeys;
import org.skerry.node.home.HomeLock;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.ProcessLock;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.key.KeyWords;
import org.skerry.node.key.RecoveryFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "rotate",
    mixinStandardHelpOptions = true,
    description = {
      "Give this node a new key, and hand the old one's tasks and names over to it.",
      "Who allowed the old key follows. The old key is kept here, for tasks that name it as their"
          + " evaluator. With the recovery key's word, too, nobody who finds the old key later can"
          + " confuse newcomers."
    },
    footer = {
      "",
      "Examples:",
      "  skerry keys rotate",
      "  skerry keys rotate --recovery /media/stick/publisher.recovery"
    })
final class KeysRotateCommand implements CliAction {
  private final Session session;

  @Option(
      names = "--recovery",
      paramLabel = "FILE",
      description = "what `skerry keys recovery` wrote: let the recovery key say so")
  @Nullable Path recovery;

  @Mixin NetworkOptions network = new NetworkOptions();

  KeysRotateCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("cli.log");
    KeyDesk desk = new KeyDesk(session, home, network);
    try (ProcessLock _ = HomeLock.acquire(home)) {
      PrivateKey old = IdentityFile.load(home.identityKey());
      PeerId oldId = PeerId.of(old.publicKey());
      KeyBelief belief = desk.askIfPossible(oldId);
      FormerKeys kept = new FormerKeys(home.formerKeys());
      if (belief.standing() instanceof KeyStanding.Succeeded(PeerId successor)
          && kept.of(successor).isPresent()) {
        finish(home, oldId, kept.of(successor).get()); // it was stopped on its way
        return;
      }
      if (!(belief.standing() instanceof KeyStanding.Current)) {
        throw new NodeException(
            Reason.NOT_ACCEPTED,
            "the key " + oldId + " has a successor, is revoked, or is disputed",
            "see `skerry keys check " + oldId + "`; `skerry keys recover` may help");
      }
      PrivateKey next = PrivateKey.generate(new SecureRandom());
      PrivateKey signer = recovery == null ? old : recoveryKey(recovery, belief);
      KeyWords words = new KeyWords(InstantSource.system());
      KeyRecord succession = words.succession(signer, oldId, next);
      Optional<KeyRecord> named = belief.recovery().map(peer -> words.recovery(next, peer));
      // Both keys are kept before anything is said that needs them.
      kept.keep(old);
      kept.keep(next);
      named.ifPresent(desk::learn);
      desk.learn(succession);
      finish(home, oldId, next);
    }
    desk.tell();
  }

  private void finish(SkerryHome home, PeerId old, PrivateKey next) throws NodeException {
    try {
      AtomicFile.writeSecret(home.identityKey(), next.encoded());
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(home.identityKey(), e);
    }
    session.terminal().print(PeerId.of(next.publicKey()).toString());
    session
        .terminal()
        .say(
            "The key %s hands over to this one; it is kept in %s."
                .formatted(old, home.formerKeys()));
  }

  private static PrivateKey recoveryKey(Path file, KeyBelief belief) throws NodeException {
    RecoveryFile read = RecoveryFile.read(file);
    if (!belief.recovery().equals(Optional.of(read.peer()))) {
      throw new NodeException(
          Reason.KEY_INVALID,
          file + " holds " + read.peer() + ", which the key " + belief.key() + " did not name",
          "use the file that `skerry keys recovery` wrote for it");
    }
    return read.key();
  }
}
