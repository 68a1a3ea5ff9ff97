package org.skerry.node.guest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Whether the line is paid by what passes, such as a phone's, as NetworkManager knows or guesses it
 * (its D-Bus property {@code Metered}). Where it cannot be asked, no line is taken for such.
 */
record MeteredNetwork(List<String> command) implements Condition {
  private static final long ANSWER_SECONDS = 5;

  static MeteredNetwork ofSystem() {
    return new MeteredNetwork(
        List.of(
            "busctl",
            "--system",
            "get-property",
            "org.freedesktop.NetworkManager",
            "/org/freedesktop/NetworkManager",
            "org.freedesktop.NetworkManager",
            "Metered"));
  }

  @Override
  public String name() {
    return "limits.on-metered";
  }

  @Override
  public String wish() {
    return "false";
  }

  @Override
  public Answer ask(Instant now) throws InterruptedException {
    try {
      return switch (property()) {
        case "u 1" -> against("on a metered network");
        case "u 2" -> Answer.holds("not on a metered network");
        case "u 3" -> against("on a network that NetworkManager takes for metered");
        case "u 4" -> Answer.holds("on a network that NetworkManager takes for unmetered");
        default -> Answer.holds("NetworkManager does not know whether the network is metered");
      };
    } catch (IOException e) {
      return Answer.holds("unknown: " + e.getMessage());
    }
  }

  private String property() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("NetworkManager does not answer");
      }
      if (process.exitValue() != 0) {
        throw new IOException("there is no NetworkManager to ask");
      }
      return new String(process.getInputStream().readNBytes(64), StandardCharsets.UTF_8).strip();
    } finally {
      process.destroyForcibly();
    }
  }
}
