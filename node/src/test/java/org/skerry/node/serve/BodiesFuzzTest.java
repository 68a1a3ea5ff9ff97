package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is sent is either a request or refused in words. */
class BodiesFuzzTest {
  @TempDir static Path folder;
  private static SdapiWishes wishes;

  @BeforeAll
  static void fillShelf() throws Exception {
    wishes = new SdapiWishes(new Shelf(folder).withClasses("pets", "cat", "dog").served());
  }

  @FuzzTest
  void pictureRequest(byte[] in) throws Exception {
    try {
      Fields fields = Fields.parse(in);
      SdapiWishes.Read read = wishes.read(fields, true);
      new Planner(new Random(1)).plan(read.wish(), read.common());
    } catch (CallException e) {
      assertThat(e.line()).contains("; ").hasSizeLessThan(2_000);
    }
  }

  @FuzzTest
  void fields(byte[] in) {
    try {
      Fields fields = Fields.parse(in);
      assertThat(fields.text("text", 10).orElse("")).hasSizeLessThanOrEqualTo(10);
      assertThat(fields.integer("integer", -5, 5, 0)).isBetween(-5, 5);
      assertThat(fields.number("number", 0, 1).orElse(0)).isBetween(0.0, 1.0);
      fields.flag("flag");
      fields.bytes("bytes");
      fields.onlyBytes("images");
      JobCalls.size(fields).ifPresent(size -> assertThat(size.width()).isPositive());
      fields.object("object").ifPresent(inner -> assertThat(inner.json().isObject()).isTrue());
    } catch (CallException e) {
      assertThat(e.line()).contains("; ").hasSizeLessThan(2_000);
    }
  }
}
