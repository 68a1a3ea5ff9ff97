package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.dht.storage.StorageException;

class FileSequencesTest {
  @TempDir Path folder;

  @Test
  void remembersWhatAnotherProcessStored() {
    Path file = folder.resolve("home/seen.json");
    assertThat(new FileSequences(file).last("a")).isEmpty();
    new FileSequences(file).store("a", 1_795_000_000_000L);
    new FileSequences(file).store("b", 2);
    new FileSequences(file).store("b", 3);
    assertThat(new FileSequences(file).last("a")).hasValue(1_795_000_000_000L);
    assertThat(new FileSequences(file).last("b")).hasValue(3);
    assertThat(folder.resolve("home")).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void aDamagedFileIsNotTakenForAnEmptyOne() throws Exception {
    Path file = folder.resolve("seen.json");
    for (String text : new String[] {"{\"a\": 1", "[]", ""}) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> new FileSequences(file).last("a"))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("delete it to trust whatever is seen next");
      assertThatThrownBy(() -> new FileSequences(file).store("a", 2))
          .isInstanceOf(StorageException.class);
      assertThat(file).hasContent(text);
    }
  }
}
