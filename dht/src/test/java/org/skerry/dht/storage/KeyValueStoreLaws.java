package org.skerry.dht.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every store must do; its tests inherit these. */
public abstract class KeyValueStoreLaws {
  protected abstract KeyValueStore store();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private List<String> scan(String prefix, int limit) {
    List<String> found = new ArrayList<>();
    store()
        .scan(
            bytes(prefix),
            (key, value) -> {
              found.add(
                  new String(key, StandardCharsets.UTF_8)
                      + "="
                      + new String(value, StandardCharsets.UTF_8));
              return found.size() < limit;
            });
    return found;
  }

  @Test
  void givesBackWhatWasPutLast() {
    assertThat(store().get(bytes("k"))).isEmpty();
    store().put(bytes("k"), bytes("1"), Durability.PROCESS_CRASH);
    store().put(bytes("k"), bytes("2"), Durability.POWER_LOSS);
    assertThat(store().get(bytes("k"))).hasValue(bytes("2"));
    store().delete(bytes("k"), Durability.PROCESS_CRASH);
    store().delete(bytes("k"), Durability.PROCESS_CRASH);
    assertThat(store().get(bytes("k"))).isEmpty();
  }

  @Test
  void keepsEmptyValuesApartFromNone() {
    store().put(bytes("k"), new byte[0], Durability.PROCESS_CRASH);
    assertThat(store().get(bytes("k"))).hasValue(new byte[0]);
  }

  @Test
  void scansAPrefixInOrderUntilTheVisitorHasEnough() {
    for (String key : List.of("b", "ab", "a", "ac", "abc", "aa")) {
      store().put(bytes(key), bytes(key), Durability.PROCESS_CRASH);
    }
    assertThat(scan("a", 100)).containsExactly("a=a", "aa=aa", "ab=ab", "abc=abc", "ac=ac");
    assertThat(scan("ab", 100)).containsExactly("ab=ab", "abc=abc");
    assertThat(scan("", 2)).containsExactly("a=a", "aa=aa");
    assertThat(scan("c", 100)).isEmpty();
  }

  @Test
  void scansAPrefixFromAKeyOn() {
    for (String key : List.of("a", "aa", "ab", "abc", "ac", "b")) {
      store().put(bytes(key), bytes(key), Durability.PROCESS_CRASH);
    }
    List<String> found = new ArrayList<>();
    store()
        .scan(
            bytes("a"),
            bytes("aba"),
            (key, value) -> found.add(new String(key, StandardCharsets.UTF_8)));
    assertThat(found).containsExactly("abc", "ac");
  }

  @Test
  void letsAVisitorWriteWhileItScansAsOfTheBeginning() {
    store().put(bytes("a"), bytes("1"), Durability.PROCESS_CRASH);
    store().put(bytes("b"), bytes("2"), Durability.PROCESS_CRASH);
    store()
        .scan(
            new byte[0],
            (key, value) -> {
              store().delete(key, Durability.PROCESS_CRASH);
              store().put(bytes("c"), value, Durability.PROCESS_CRASH);
              return true;
            });
    assertThat(scan("", 100)).containsExactly("c=2");
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2})
  void agreesWithASortedMapOverRandomBatches(long seed) {
    Random random = new Random(seed);
    TreeMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    for (int i = 0; i < 200; i++) {
      List<KeyValueStore.Change> batch = new ArrayList<>();
      for (int j = random.nextInt(6); j >= 0; j--) {
        byte[] key = new byte[1 + random.nextInt(2)];
        random.nextBytes(key);
        key[0] &= (byte) 0x83;
        byte[] value = new byte[random.nextInt(20)];
        random.nextBytes(value);
        if (random.nextInt(3) == 0) {
          batch.add(new KeyValueStore.Delete(key));
          model.remove(key);
        } else {
          batch.add(new KeyValueStore.Put(key, value));
          model.put(key, value);
        }
      }
      store().write(batch, Durability.PROCESS_CRASH);
    }
    List<byte[]> flat = new ArrayList<>();
    store()
        .scan(
            new byte[0],
            (key, value) -> {
              flat.add(key);
              flat.add(value);
              return true;
            });
    List<byte[]> expected = new ArrayList<>();
    model.forEach((key, value) -> {
      expected.add(key);
      expected.add(value);
    });
    assertThat(flat).usingRecursiveComparison().isEqualTo(expected);
  }
}
