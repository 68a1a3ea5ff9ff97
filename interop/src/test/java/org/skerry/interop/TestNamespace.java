package org.skerry.interop;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.skerry.dht.record.RecordNamespace;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.record.Sender;

/** The rules of {@code js/dht.mjs}: a value that begins with "bad" is invalid, the greater wins. */
final class TestNamespace implements RecordNamespace {
  static final String NAME = "skerrytest";

  @Override
  public Optional<Rejection> validate(Sender from, byte[] key, byte[] value) {
    return new String(value, StandardCharsets.UTF_8).startsWith("bad")
        ? Optional.of(Rejection.invalid("begins with bad"))
        : Optional.empty();
  }

  @Override
  public byte[] merge(byte[] key, byte[] current, byte[] incoming) {
    return Arrays.compareUnsigned(current, incoming) >= 0 ? current : incoming;
  }

  @Override
  public int maxValueBytes() {
    return 1024;
  }
}
