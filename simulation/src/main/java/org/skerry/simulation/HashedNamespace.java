package org.skerry.simulation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.Sender;
import org.skerry.libp2p.multiformats.Multihash;

/** Values whose key is their hash: {@code /hashed/HEX}. */
public final class HashedNamespace implements RecordNamespace {
  public static final String NAME = "hashed";

  /** The key of {@code value}. */
  public static byte[] keyOf(byte[] value) {
    return ("/" + NAME + "/" + HexFormat.of().formatHex(Multihash.sha256Digest(value)))
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public int maxValueBytes() {
    return 1024;
  }

  @Override
  public Optional<Rejection> validate(Sender from, byte[] key, byte[] value) {
    return Arrays.equals(key, keyOf(value))
        ? Optional.empty()
        : Optional.of(Rejection.invalid("the key is not the value's hash"));
  }

  @Override
  public byte[] merge(byte[] key, byte[] current, byte[] incoming) {
    return current;
  }
}
