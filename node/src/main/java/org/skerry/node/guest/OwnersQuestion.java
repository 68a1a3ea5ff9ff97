package org.skerry.node.guest;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Asks a command or a URL of the owner's own, such as one that knows the price of power or what the
 * panels on the roof give. A command answers with its exit status, 0 for yes and 1 for no, and
 * gives the reason on its first line of output. A URL answers {@code yes} or {@code no} at the
 * beginning of its first line, and gives the reason behind it. What does not answer so means no:
 * the owner has set a limit, and nobody knows whether it is kept.
 */
record OwnersQuestion(String question, Duration patience) implements Condition {
  private static final int MOST_BYTES = 4096;
  private static final int MOST_CHARACTERS = 200;

  @Override
  public String name() {
    return "limits.ask";
  }

  @Override
  public String wish() {
    return question;
  }

  @Override
  public Answer ask(Instant now) throws InterruptedException {
    try {
      return isUrl() ? ofUrl() : ofCommand();
    } catch (IOException e) {
      return against("limits.ask gives no answer: " + e.getMessage());
    }
  }

  private boolean isUrl() {
    return question.startsWith("http://") || question.startsWith("https://");
  }

  private Answer ofCommand() throws IOException, InterruptedException {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    Process process =
        new ProcessBuilder(
                windows ? List.of("cmd", "/c", question) : List.of("/bin/sh", "-c", question))
            .redirectErrorStream(true)
            .start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException("it ran for more than " + patience.toSeconds() + " s");
      }
      String said = firstLine(process.getInputStream());
      return switch (process.exitValue()) {
        case 0 -> yes(said);
        case 1 -> no(said);
        default -> throw new IOException("exit status " + process.exitValue() + " " + said);
      };
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private Answer ofUrl() throws IOException, InterruptedException {
    try (HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(patience)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build()) {
      HttpResponse<InputStream> response =
          http.send(
              HttpRequest.newBuilder(URI.create(question)).timeout(patience).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          throw new IOException("status " + response.statusCode());
        }
        String said = firstLine(body);
        String[] words = said.split("[\\s:,]+", 2);
        String reason = words.length > 1 ? words[1] : "";
        return switch (words[0].toLowerCase(Locale.ROOT)) {
          case "yes" -> yes(reason);
          case "no" -> no(reason);
          default -> throw new IOException("neither yes nor no: '" + said + "'");
        };
      } finally {
        http.shutdownNow(); // a body that never ends is not waited for
      }
    }
  }

  private static Answer yes(String reason) {
    return Answer.holds("yes" + (reason.isEmpty() ? "" : ": " + reason));
  }

  private Answer no(String reason) {
    return against("limits.ask says no" + (reason.isEmpty() ? "" : ": " + reason));
  }

  private static String firstLine(InputStream in) throws IOException {
    String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    String line = text.lines().findFirst().orElse("").strip().replaceAll("\\p{Cntrl}", "");
    return line.substring(0, Math.min(line.length(), MOST_CHARACTERS));
  }
}
