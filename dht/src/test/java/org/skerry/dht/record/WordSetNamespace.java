package org.skerry.dht.record;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.TreeSet;

/** Values are words in order, joined by spaces; two values merge to their union. */
public final class WordSetNamespace implements RecordNamespace {
  @Override
  public Optional<Rejection> validate(Sender from, byte[] key, byte[] value) {
    String text = new String(value, StandardCharsets.UTF_8);
    return text.matches("[a-z0-9]+( [a-z0-9]+)*")
        ? Optional.empty()
        : Optional.of(Rejection.invalid("not words: " + text));
  }

  @Override
  public byte[] merge(byte[] key, byte[] current, byte[] incoming) {
    TreeSet<String> words = new TreeSet<>(words(current));
    words.addAll(words(incoming));
    return String.join(" ", words).getBytes(StandardCharsets.UTF_8);
  }

  private static java.util.List<String> words(byte[] value) {
    return Arrays.asList(new String(value, StandardCharsets.UTF_8).split(" "));
  }

  @Override
  public int maxValueBytes() {
    return 10_000;
  }
}
