package org.skerry.dht.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDatabaseIT extends KeyValueStoreLaws {
  private static final byte[] KEY = {1};

  @TempDir Path folder;
  private RocksDatabase database;

  @BeforeEach
  void open() {
    database = RocksDatabase.open(folder.resolve("db"), List.of("one", "two"));
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Override
  protected KeyValueStore store() {
    return database.store("one");
  }

  @Test
  void keepsFamiliesApartAndEverythingOverARestart() {
    database.store("one").put(KEY, new byte[] {11}, Durability.POWER_LOSS);
    database.store("two").put(KEY, new byte[] {22}, Durability.PROCESS_CRASH);
    database.close();
    database = RocksDatabase.open(folder.resolve("db"), List.of("three", "one"));
    assertThat(database.store("one").get(KEY)).hasValue(new byte[] {11});
    assertThat(database.store("two").get(KEY)).hasValue(new byte[] {22});
    assertThat(database.store("three").get(KEY)).isEmpty();
    assertThatThrownBy(() -> database.store("four"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'four'");
  }

  @Test
  void writesToSeveralFamiliesAllOrNothing() {
    database.write(
        Map.of(
            "one", List.of(new KeyValueStore.Put(KEY, new byte[] {1})),
            "two", List.of(new KeyValueStore.Put(KEY, new byte[] {2}))),
        Durability.PROCESS_CRASH);
    assertThat(database.store("one").get(KEY)).hasValue(new byte[] {1});
    assertThat(database.store("two").get(KEY)).hasValue(new byte[] {2});
    assertThatThrownBy(() ->
            database.write(
                Map.of(
                    "one", List.of(new KeyValueStore.Delete(KEY)),
                    "four", List.of(new KeyValueStore.Delete(KEY))),
                Durability.PROCESS_CRASH))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(database.store("one").get(KEY)).isPresent();
  }

  @Test
  void saysWhichFolderIsOpenElsewhereAndWhatToDo() {
    assertThatThrownBy(() -> RocksDatabase.open(folder.resolve("db"), List.of("one")))
        .isInstanceOfSatisfying(
            StorageException.class,
            e -> assertThat(e.reason()).isEqualTo(StorageException.Reason.LOCKED))
        .hasMessageContaining(folder.resolve("db").toString())
        .hasMessageContaining("stop that node");
  }

  /** Opens the folder given as its argument; the exit status says how that went. */
  static final class Opener {
    private Opener() {}

    public static void main(String[] arguments) {
      try (RocksDatabase opened = RocksDatabase.open(Path.of(arguments[0]), List.of("one"))) {
        System.exit(opened.store("one").get(KEY).isPresent() ? 0 : 1);
      } catch (StorageException e) {
        System.out.println(e.getMessage());
        System.exit(e.reason() == StorageException.Reason.LOCKED ? 42 : 43);
      }
    }
  }

  @Test
  void refusesASecondProcessAndLetsItInAfterwards() throws Exception {
    database.store("one").put(KEY, KEY, Durability.PROCESS_CRASH);
    assertThat(openInAnotherProcess()).isEqualTo(42);
    database.close();
    assertThat(openInAnotherProcess()).isZero();
  }

  private int openInAnotherProcess() throws Exception {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Opener.class.getName(),
            folder.resolve("db").toString())
        .inheritIO()
        .start()
        .waitFor();
  }

  @Test
  void saysThatAFolderCannotBeMade() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> RocksDatabase.open(file.resolve("db"), List.of()))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void saysWhichDatabaseIsDamaged() throws Exception {
    database.close();
    Files.writeString(folder.resolve("db").resolve("CURRENT"), "nonsense");
    assertThatThrownBy(() -> RocksDatabase.open(folder.resolve("db"), List.of("one")))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(folder.resolve("db").toString());
  }

  @Test
  void refusesCallsOnceClosed() {
    KeyValueStore store = store();
    database.close();
    assertThatThrownBy(() -> store.get(KEY))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
