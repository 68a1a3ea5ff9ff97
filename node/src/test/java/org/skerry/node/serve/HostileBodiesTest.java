package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Whatever is sent is either a request or refused in words. */
class HostileBodiesTest {
  private static final int BODIES = 600;

  private static final String GOOD =
      """
      {"prompt": "a dog", "negative_prompt": "", "seed": 7, "steps": 9, "width": 64, "height": 48,
       "batch_size": 2, "n_iter": 1, "cfg_scale": 2.5, "sampler_name": "Euler", "class": 1,
       "strategy": "top-1", "temperature": 1.5, "shift": 3, "first": 4, "preview_every": 2,
       "override_settings": {"sd_model_checkpoint": "pets"}, "init_images": ["%s"],
       "denoising_strength": 0.5, "restore_faces": false}
      """
          .formatted(Base64.getEncoder().encodeToString(StubSource.PNG));

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "[]",
          "{}",
          "[[]]",
          "\"\"",
          "\"x\"",
          "-1",
          "0",
          "1e400",
          "-1e400",
          "0.5",
          "99999999999999999999999999",
          "\"\\u0000\"",
          "1e-400",
          "[null]",
          "{\"a\": []}",
          "NaN");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyBodyIsEitherARequestOrRefused(long seed) throws Exception {
    Random random = new Random(seed);
    SdapiWishes wishes =
        new SdapiWishes(new Shelf(folder).withClasses("pets", "cat", "dog").served());
    Planner planner = new Planner(random);
    int taken = 0;
    for (int i = 0; i < BODIES; i++) {
      byte[] body = i == 0 ? GOOD.getBytes(StandardCharsets.UTF_8) : changed(random);
      try {
        Fields fields = Fields.parse(body);
        SdapiWishes.Read read = wishes.read(fields, true);
        planner.plan(read.wish(), read.common());
        taken++;
      } catch (CallException e) {
        assertThat(e.line()).contains("; ").hasSizeLessThan(1_000);
      } catch (RuntimeException e) {
        fail("seed " + seed + ": " + new String(body, StandardCharsets.UTF_8), e);
      }
    }
    assertThat(taken).as("requests among the bodies").isBetween(1, BODIES - 1);
  }

  private static byte[] changed(Random random) {
    String body = GOOD;
    for (int n = random.nextInt(3); n >= 0; n--) {
      body = random.nextBoolean() ? otherValue(body, random) : otherBytes(body, random);
    }
    return body.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Another value for one of the fields. */
  private static String otherValue(String body, Random random) {
    List<String> names = List.copyOf(JsonMapper.shared().readTree(GOOD).propertyNames());
    String name = names.get(random.nextInt(names.size()));
    String value = VALUES.get(random.nextInt(VALUES.size()));
    return body.replaceFirst(
        "\"" + name + "\": (\"[^\"]*\"|[-0-9.e]+|\\{[^}]*}|\\[[^]]*]|false)",
        "\"" + name + "\": " + value.replace("\\", "\\\\"));
  }

  private static String otherBytes(String body, Random random) {
    int at = random.nextInt(body.length());
    return switch (random.nextInt(3)) {
      case 0 -> body.substring(0, at);
      case 1 -> body.substring(0, at) + (char) random.nextInt(256) + body.substring(at);
      default -> body.substring(0, at) + body.substring(Math.min(body.length(), at + 1));
    };
  }
}
