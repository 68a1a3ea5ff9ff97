package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JsPeerIT {
  @Test
  void saysWhatToRunWhenThePackagesAreNotInstalled(@TempDir Path empty) {
    assertThatThrownBy(() -> JsPeer.start(empty, Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("run 'npm ci' in interop/js");
  }

  @Test
  void answersAnUnknownCommandWithAnError() throws IOException {
    try (JsPeer js = JsPeer.start(Map.of())) {
      assertThatThrownBy(() -> js.run("fly", Map.of()))
          .isInstanceOf(JsPeer.JsException.class)
          .hasMessageContaining("unknown command 'fly'");
    }
  }

  @Test
  void pinsEveryPackageAndRecordsNoDownloadAddress() throws IOException {
    assertThat(Files.readString(JsPeer.FOLDER.resolve("package.json")))
        .doesNotContain("^", "~", "latest");
    assertThat(Files.readString(JsPeer.FOLDER.resolve("package-lock.json")))
        .contains("\"integrity\"")
        .doesNotContain("\"resolved\"");
  }
}
