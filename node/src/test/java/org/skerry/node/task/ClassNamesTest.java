package org.skerry.node.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassNamesTest {
  @TempDir Path folder;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("names"), bytes);
  }

  @Test
  void namesAreReadAsTheyWereWritten() throws IOException {
    ClassNames names = new ClassNames(List.of("tench, Tinca tinca", "Füchse", "3"));
    assertThat(ClassNames.read(file(names.encoded()), 3)).isEqualTo(names);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a\nb\nc\n", "a\n", "a\nb", "a\n\n", "a\n\u001b[2Jb\n", "a\n\u202eb\n", ""})
  void anythingButTwoNamesIsRefused(String text) throws IOException {
    Path file = file(text.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> ClassNames.read(file, 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the names of the classes");
  }

  @Test
  void whatIsNotUtf8OrTooLongIsRefused() throws IOException {
    assertThatThrownBy(() -> ClassNames.read(file(new byte[] {(byte) 0xff, '\n'}), 1))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ClassNames.read(file(new byte[(1 << 20) + 1]), 1))
        .hasMessageContaining("more than 1048576 bytes");
    assertThatThrownBy(() -> new ClassNames(List.of("n".repeat(129))))
        .hasMessageContaining("longer than 128");
  }
}
