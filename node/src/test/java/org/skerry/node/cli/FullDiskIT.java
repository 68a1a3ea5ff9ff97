package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real file system without room; needs the right to mount one, and is left out without it. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class FullDiskIT {
  @TempDir Path folder;
  private Path small = Path.of("");
  private boolean mounted;

  private void mount(int kibibytes) throws Exception {
    small = Files.createDirectory(folder.resolve("small"));
    String size = "size=" + kibibytes + "k";
    mounted = runs("mount", "-t", "tmpfs", "-o", size, "tmpfs", small.toString());
    assumeTrue(mounted, "this user cannot mount a file system");
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      assertThat(runs("umount", "-l", small.toString())).isTrue();
    }
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void taskCreateLeavesNothingHalfWritten() throws Exception {
    mount(256);
    Path out = small.resolve("shapes.task");

    CommandRun run =
        CommandRun.of(
            folder.resolve("home"),
            "task",
            "create",
            "--images",
            "builtin",
            "--size",
            "8",
            "--out",
            out.toString());

    assertThat(run.status()).as(run.err()).isEqualTo(9);
    assertThat(run.error()).contains(out.toString(), "no space left", "free some space");
    try (var left = Files.list(small)) {
      assertThat(left).isEmpty();
    }
  }

  /** The key, the lock, the log and the database: whichever finds no room first. */
  @ParameterizedTest
  @ValueSource(ints = {4, 8, 16, 32})
  void aDaemonDoesNotStartAndSaysWhy(int kibibytes) throws Exception {
    mount(kibibytes);
    CommandRun run =
        CommandRun.of(
            small.resolve("home"),
            "node",
            "run",
            "--listen",
            "/ip4/127.0.0.1/tcp/0",
            "--no-train",
            "--no-evaluate");

    assertThat(run.status()).as(run.err()).isEqualTo(9);
    assertThat(run.error()).contains(small.toString(), "free some space");
    assertThat(small.resolve("home/control.json")).doesNotExist();
  }
}
