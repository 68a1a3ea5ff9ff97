package org.skerry.node.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {
  @TempDir Path parent;

  @Test
  void appearsWithEverythingInItAndNothingElse() throws IOException {
    Path target = parent.resolve("model");
    try (AtomicFolder out = AtomicFolder.begin(target)) {
      Files.createDirectory(out.folder().resolve("part"));
      Files.writeString(out.folder().resolve("part/file"), "whole");
      assertThat(target).doesNotExist();
      out.commit(false);
    }
    assertThat(target.resolve("part/file")).hasContent("whole");
    assertThat(names(target)).containsExactly("part");
    assertThat(names(parent)).containsExactly("model");
  }

  @Test
  void leavesNothingWhenItIsNotCommitted() throws IOException {
    try (AtomicFolder out = AtomicFolder.begin(parent.resolve("model"))) {
      Files.writeString(out.folder().resolve("file"), "half");
    }
    assertThat(names(parent)).isEmpty();
  }

  @Test
  void replacesAFolderOnlyWhereThatIsAskedFor() throws IOException {
    Path target = Files.createDirectory(parent.resolve("model"));
    Files.writeString(target.resolve("old"), "old");
    try (AtomicFolder out = AtomicFolder.begin(target)) {
      Files.writeString(out.folder().resolve("new"), "new");
      assertThatThrownBy(() -> out.commit(false)).isInstanceOf(FileAlreadyExistsException.class);
      assertThat(names(target)).containsExactly("old");
      out.commit(true);
    }
    assertThat(names(target)).containsExactly("new");
    assertThat(names(parent)).containsExactly("model");
  }

  @Test
  void clearsWhatADeadProcessLeftAndLeavesALivingOneAlone() throws IOException {
    Path target = parent.resolve("model");
    Path dead = Files.createDirectory(parent.resolve(".model.dead.partial"));
    Files.writeString(dead.resolve("file"), "half");
    Path unrelated = Files.createDirectory(parent.resolve(".models.x.partial"));
    try (AtomicFolder living = AtomicFolder.begin(target)) {
      AtomicFolder.recover(target);
      assertThat(dead).doesNotExist();
      assertThat(living.folder()).exists();
      assertThat(unrelated).exists();
    }
  }

  @Test
  void bringsBackAFolderWhoseReplacementDied() throws IOException {
    Path target = parent.resolve("model");
    Path old = Files.createDirectory(parent.resolve(".model.replaced"));
    Files.writeString(old.resolve("old"), "old");

    AtomicFolder.recover(target);

    assertThat(target.resolve("old")).hasContent("old");
    assertThat(names(parent)).containsExactly("model");
  }

  @Test
  void deletesAnOldFolderWhoseReplacementIsThere() throws IOException {
    Files.createDirectory(parent.resolve("model"));
    Files.writeString(Files.createDirectory(parent.resolve(".model.replaced")).resolve("x"), "");

    AtomicFolder.recover(parent.resolve("model"));

    assertThat(names(parent)).containsExactly("model");
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }
}
