package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.serve.Serving.Answer;

/** Who gets through to a real server, and who does not. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class GuardIT {
  private static final String TOKEN = "correct-horse";
  private static final String PAGE = "http://localhost:3000";

  @TempDir static Path folder;
  private static Serving serving;

  @BeforeAll
  static void start() throws Exception {
    serving = Serving.guarded(folder, TOKEN, PAGE);
  }

  @AfterAll
  static void stop() {
    serving.close();
  }

  private String status(String path, String... headers) throws Exception {
    return serving.statusLine("GET", path, headers).substring(9, 12);
  }

  private static String basic(String pair) {
    return "Authorization: Basic "
        + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void theTokenOpensEverythingAndNothingElseDoes() throws Exception {
    String host = "Host: " + serving.hostAndPort();
    for (String path : List.of("/v1/models", "/sdapi/v1/options", "/api/v1/jobs", "/metrics")) {
      assertThat(status(path, host)).as(path).isEqualTo("401");
      assertThat(status(path, host, "Authorization: Bearer wrong-horse")).isEqualTo("401");
      assertThat(status(path, host, "Authorization: Bearer " + TOKEN)).isEqualTo("200");
      assertThat(status(path, host, basic("ada:" + TOKEN))).isEqualTo("200");
      assertThat(status(path, host, basic(TOKEN))).isEqualTo("200");
      assertThat(status(path, host, basic("ada:wrong-horse"))).isEqualTo("401");
    }
    assertThat(status("/healthz", host)).isEqualTo("200");
    assertThat(status("/openapi.json", host)).isEqualTo("200");
    assertThat(status("/nothing", host)).isEqualTo("401");
  }

  @Test
  void aNameThatWasReboundIsRefused() throws Exception {
    String token = "Authorization: Bearer " + TOKEN;
    for (String host : List.of("evil.example", "evil.example:7860", "localhost.evil.example")) {
      assertThat(status("/v1/models", "Host: " + host, token)).as(host).isEqualTo("403");
      assertThat(status("/healthz", "Host: " + host)).as(host).isEqualTo("403");
      assertThat(status("/nothing", "Host: " + host)).as(host).isEqualTo("403");
    }
    for (String host : List.of("localhost", "127.0.0.1:1", "[::1]:7860", "LOCALHOST")) {
      assertThat(status("/v1/models", "Host: " + host, token)).as(host).isEqualTo("200");
    }
  }

  @Test
  void pagesOfOtherOriginsAreRefusedEvenWithTheToken() throws Exception {
    String host = "Host: " + serving.hostAndPort();
    String token = "Authorization: Bearer " + TOKEN;
    for (String origin : List.of("http://evil.example", "null", "http://localhost:3001")) {
      assertThat(status("/v1/models", host, token, "Origin: " + origin))
          .as(origin)
          .isEqualTo("403");
    }
    assertThat(status("/v1/models", host, token, "Origin: " + PAGE)).isEqualTo("200");
    assertThat(status("/v1/models", host, token, "Origin: http://" + serving.hostAndPort()))
        .isEqualTo("200");
  }

  @Test
  void anAllowedPageMayReadAnswersAndErrors() throws Exception {
    HttpRequest.Builder page = serving.request("/v1/models").header("Origin", PAGE);
    Answer read = serving.send(page.build());
    assertThat(read.header("access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(read.header("vary")).isEqualTo("Origin");
    Answer error = serving.send(serving.request("/v1/models/no").header("Origin", PAGE).build());
    assertThat(error.status()).isEqualTo(404);
    assertThat(error.header("access-control-allow-origin")).isEqualTo(PAGE);
    assertThat(serving.get("/v1/models").response().headers().map())
        .doesNotContainKey("access-control-allow-origin");
  }

  @Test
  void browsersAskFirstWithoutToken() throws Exception {
    String asked =
        preflight(
            "Origin: " + PAGE,
            "Access-Control-Request-Method: POST",
            "Access-Control-Request-Headers: authorization, content-type, x-stainless-lang");
    assertThat(asked)
        .startsWith("HTTP/1.1 204")
        .contains(
            "access-control-allow-origin: " + PAGE,
            "access-control-allow-methods: GET, POST, DELETE",
            "access-control-allow-headers: authorization, content-type, x-stainless-lang");
    assertThat(preflight("Origin: http://evil.example", "Access-Control-Request-Method: POST"))
        .startsWith("HTTP/1.1 403")
        .doesNotContain("access-control-allow-origin");
  }

  private String preflight(String... headers) throws Exception {
    String all =
        "Host: "
            + serving.hostAndPort()
            + "\r\nConnection: close\r\n"
            + String.join("\r\n", headers)
            + "\r\n";
    try (Socket socket = serving.raw("OPTIONS", "/v1/images/generations", all, "")) {
      return String.join(
          "\n",
          new BufferedReader(
                  new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
              .lines()
              .toList());
    }
  }

  @Test
  void picturesAreFetchedByTheirLinkAlone() throws Exception {
    Answer made =
        serving.post("/v1/images/generations", "{\"prompt\": \"\", \"response_format\": \"url\"}");
    String url = made.json().path("data").path(0).path("url").asString();
    assertThat(url).startsWith(serving.server.address() + "/api/v1/jobs/");
    String path = url.substring(serving.server.address().length());
    assertThat(status(path, "Host: " + serving.hostAndPort())).isEqualTo("200");
    assertThat(status(path.replaceFirst("/images/0$", ""), "Host: " + serving.hostAndPort()))
        .isEqualTo("401");
  }
}
