package org.skerry.diffusion.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.ClipTextConfig;
import org.skerry.diffusion.ClipTextConfig.Activation;

class TokenizerFuzzTest {
  private static final ClipTextConfig ENCODER =
      new ClipTextConfig(TinyClip.VOCABULARY, 9, 24, 2, 3, 48, Activation.QUICK_GELU);

  @TempDir static Path folder;

  /** The files of a folder, one behind a zero byte after the other; an empty one is not there. */
  @FuzzTest
  void folder(byte[] in) throws IOException {
    String[] texts = new String(in, ISO_8859_1).split("\0", -1);
    Map<String, Path> paths = new HashMap<>();
    List<String> names = TokenizerFiles.NAMES;
    for (int i = 0; i < Math.min(names.size(), texts.length); i++) {
      if (!texts[i].isEmpty()) {
        Path file = folder.resolve(names.get(i));
        Files.write(file, texts[i].getBytes(ISO_8859_1));
        paths.put(names.get(i), file);
      }
    }
    try {
      TokenizerDefinition read = new TokenizerFiles(paths).definition(ENCODER);
      assertThat(read.maxTokens()).isBetween(2, ENCODER.maxTokens());
      assertThat(read.padding().orElseThrow()).isBetween(0L, ENCODER.vocabulary() - 1L);
    } catch (TokenizerException e) {
      assertThat(e.reason()).isNotNull();
    }
  }
}
