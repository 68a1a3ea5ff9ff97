package org.skerry.node.cli;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.skerry.board.BoardException;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.key.KeyWords;
import org.skerry.node.key.RevocationFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = {
      "Sign a revocation of this node's key, to be kept until the key is stolen or lost.",
      "Nothing is published. It names the recovery key that this key has named by now, so sign"
          + " that first."
    },
    footer = {
      "",
      "Examples:",
      "  skerry keys revoke --out publisher.revocation",
      "  skerry keys publish publisher.revocation --yes      when it has come to that"
    })
final class KeysRevokeCommand implements CliAction {
  private final Session session;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "where to")
  Path out = Path.of(".");

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "one line for people (default: ${DEFAULT-VALUE})",
      defaultValue = "revoked by its owner")
  String reason = "";

  KeysRevokeCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException {
    SkerryHome home = session.openHome("cli.log");
    PrivateKey key = IdentityFile.loadOrCreate(home.identityKey());
    PeerId self = PeerId.of(key.publicKey());
    Optional<PeerId> recovery =
        new KeyDesk(session, home, new NetworkOptions()).known(self).recovery();
    try {
      new RevocationFile(
              new KeyWords(InstantSource.system()).revocation(key, self, recovery, reason))
          .write(out);
    } catch (BoardException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "shorten or correct --reason", e);
    }
    Terminal terminal = session.terminal();
    terminal.say("Signed, in " + out + "; it is not published.");
    if (recovery.isEmpty()) {
      terminal.warn(
          "it says that no recovery key may name a successor; for another way,"
              + " delete it and run `skerry keys recovery` first");
    }
  }
}
