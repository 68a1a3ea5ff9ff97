package org.skerry.transfer.web;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.stream.StreamMessage;
import java.net.URI;
import org.skerry.libp2p.testing.Hostile;

class WebBodyFuzzTest {
  private static final URI ASKED = URI.create("https://seed.test/shards/blob");
  private static final int MAX_BYTES = 64;

  /** The lines are status, Content-Range, Location, Retry-After, Content-Encoding and the body. */
  @FuzzTest
  void answer(byte[] in) {
    String[] lines = new String(in, ISO_8859_1).split("\n", 6);
    int status = lines[0].matches("[1-5]\\d\\d") ? Integer.parseInt(lines[0]) : 206;
    byte[] content = line(lines, 5).getBytes(ISO_8859_1);
    ResponseHeaders headers =
        ResponseHeaders.builder(HttpStatus.valueOf(status))
            .add(HttpHeaderNames.CONTENT_RANGE, value(lines, 1))
            .add(HttpHeaderNames.LOCATION, value(lines, 2))
            .add(HttpHeaderNames.RETRY_AFTER, value(lines, 3))
            .add(HttpHeaderNames.CONTENT_ENCODING, value(lines, 4))
            .build();
    boolean[] closed = new boolean[1];
    try (WebBody body =
        new WebBody(
            ASKED, headers, StreamMessage.of(HttpData.wrap(content)), () -> closed[0] = true)) {
      Hostile.read(
              WebException.class,
              () -> {
                body.requireSuccess();
                body.requireRange(0, 10, 20);
                return body;
              })
          .ifPresent(success -> assertThat(status).isIn(200, 206));
      body.redirect().ifPresent(to -> assertThat(to).isNotNull());
      Hostile.read(WebException.class, () -> body.readAll(MAX_BYTES))
          .ifPresent(read -> assertThat(read).hasSizeLessThanOrEqualTo(MAX_BYTES));
    }
    assertThat(closed[0]).isTrue();
  }

  private static String line(String[] lines, int at) {
    return at < lines.length ? lines[at] : "";
  }

  /** The HTTP library lets no other characters through. */
  private static String value(String[] lines, int at) {
    return line(lines, at).replaceAll("[^ -~]", "");
  }
}
