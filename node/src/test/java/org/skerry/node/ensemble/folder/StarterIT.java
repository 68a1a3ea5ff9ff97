package org.skerry.node.ensemble.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.cli.CommandProcess;
import org.skerry.node.cli.CommandRun;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The starter, on a computer that has just been given the program and has no network. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class StarterIT {
  /** A network of one's own with nothing in it, not even a loopback that is up. */
  private static final List<String> WITHOUT_NETWORK =
      List.of("/usr/bin/unshare", "--user", "--map-root-user", "--net");

  @TempDir Path folder;

  @Test
  void makesAPictureWithinAMinuteAndSaysWhereItIsFrom() throws Exception {
    Path home = folder.resolve("home");
    Path pictures = folder.resolve("pictures");
    Path log = folder.resolve("log");
    long start = System.nanoTime();
    try (CommandProcess run =
        CommandProcess.start(
            withoutNetwork(),
            home,
            log,
            "sample",
            "starter",
            "--count",
            "2",
            "--out",
            pictures.toString())) {
      assertThat(run.status()).as(Files.readString(log)).isZero();
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(60));
    Path picture = pictures.resolve("1-0000.png");
    assertThat(picture).isNotEmptyFile();

    CommandRun why = CommandRun.of(home, "why", picture.toString());
    assertThat(why.status()).as(why.err()).isZero();
    assertThat(why.out())
        .contains("ok   task ", "ok   expert of partition 3")
        .doesNotContain("BAD");
    assertThat(CommandRun.of(home, "list").out()).contains("starter", "4 of  4 experts");
    assertThat(CommandRun.of(home, "verify", "starter").status()).isZero();
  }

  @Test
  void aPictureOfAnUnsignedFolderLeadsBackToNobodysWord() throws Exception {
    Path home = folder.resolve("home");
    Path source = Folders.starterIn(folder.resolve("source"));
    Files.delete(source.resolve("documents.json"));
    assertThat(CommandRun.of(home, "import", source.toString(), "--name", "found").status())
        .isZero();
    CommandRun made =
        CommandRun.of(
            home, "run", "found", "--steps", "2", "--seed", "1", "--out", folder.toString());
    assertThat(made.status()).as(made.err()).isZero();
    Path picture = Path.of(made.out().strip());

    CommandRun why = CommandRun.of(home, "why", picture.toString());
    assertThat(why.status()).as(why.err()).isZero();
    assertThat(why.out())
        .contains("image 0 of seed 1, 2 steps", "UNSIGNED")
        .doesNotContain("ok  ", "signed by", "accepted by");
    JsonNode json =
        JsonMapper.shared()
            .readTree(CommandRun.of(home, "why", picture.toString(), "--json").out());
    assertThat(json.path("links")).isEmpty();
    assertThat(json.path("picture").path("manifests").size()).isEqualTo(5);

    // Whoever no longer has the weights cannot say.
    assertThat(CommandRun.of(home, "rm", "found").status()).isZero();
    CommandRun gone = CommandRun.of(home, "why", picture.toString());
    assertThat(gone.status()).isEqualTo(6);
    assertThat(gone.error()).contains("no ensemble on this computer has the weights");
  }

  @Test
  void fitsTheRepository() throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(Folders.STARTER)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    assertThat(bytes).isLessThan(10_000_000);
  }

  /** Where the system does not let a test have a network of its own, the test has the usual one. */
  private static List<String> withoutNetwork() throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of(WITHOUT_NETWORK.getFirst()))) {
      return List.of();
    }
    Process probe =
        new ProcessBuilder(Stream.concat(WITHOUT_NETWORK.stream(), Stream.of("true")).toList())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    return probe.waitFor() == 0 ? WITHOUT_NETWORK : List.of();
  }
}
