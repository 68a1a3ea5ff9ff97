package org.skerry.node.home;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

/** The node's identity: a libp2p {@code PrivateKey} protobuf in a file only its owner may read. */
public final class IdentityFile {
  /** A key file is 68 bytes; anything much longer is another file. */
  private static final long MAX_BYTES = 1024;

  private IdentityFile() {}

  /** Loads the key, or creates one when the file does not exist. */
  public static PrivateKey loadOrCreate(Path file) throws NodeException {
    if (Files.exists(file)) {
      return load(file);
    }
    PrivateKey key = PrivateKey.generate(new SecureRandom());
    try {
      AtomicFile.writeSecret(file, key.encoded());
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(file, e);
    }
    return key;
  }

  public static PrivateKey load(Path file) throws NodeException {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw wrong(file, "has " + size + " bytes, far more than a key", null);
      }
      PrivateKey key = PrivateKey.decode(Files.readAllBytes(file));
      requireSecret(file);
      return key;
    } catch (IllegalArgumentException e) {
      throw wrong(file, "holds no libp2p Ed25519 private key (" + e.getMessage() + ")", e);
    } catch (IOException e) {
      throw wrong(file, "cannot be read (" + DiskTrouble.describe(e) + ")", e);
    }
  }

  /** Whoever can read the key can sign as this node. */
  private static void requireSecret(Path file) throws IOException, NodeException {
    if (!Files.getFileStore(file).supportsFileAttributeView(PosixFileAttributeView.class)) {
      return;
    }
    Set<PosixFilePermission> others = new HashSet<>(Files.getPosixFilePermissions(file));
    others.removeAll(PosixFilePermissions.fromString("rwx------"));
    if (!others.isEmpty()) {
      throw new NodeException(
          Reason.KEY_INVALID,
          "the identity key " + file + " can be read by others",
          "run `chmod 600 " + file + "`, or move it away to start under a new identity");
    }
  }

  private static NodeException wrong(
      Path file, String why, @org.jspecify.annotations.Nullable Exception cause) {
    String remedy = "restore it from a backup, or move it away to start under a new identity";
    String what = "the identity key " + file + " " + why;
    return cause == null
        ? new NodeException(Reason.KEY_INVALID, what, remedy)
        : new NodeException(Reason.KEY_INVALID, what, remedy, cause);
  }
}
