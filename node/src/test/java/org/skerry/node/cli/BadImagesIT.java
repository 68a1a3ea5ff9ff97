package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ShardWriter;

/** One bad image costs itself; nothing but bad images costs the command. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BadImagesIT {
  private static final int COUNT = 60;

  @TempDir Path folder;

  private CommandRun create(Path images) {
    return CommandRun.of(
        folder.resolve("home"),
        "task",
        "create",
        "--images",
        images.toString(),
        "--experts",
        "1",
        "--size",
        "8",
        "--out",
        folder.resolve("made.task").toString());
  }

  @Test
  void inAFolderIsCountedAndLeftOut() throws Exception {
    Path images = Files.createDirectory(folder.resolve("images"));
    Path tar = folder.resolve("good.tar");
    ShardWriter.writeSingle(BuiltInPictures.generate(COUNT, 8, 1), tar);
    try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(tar))) {
      for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        if (e.getName().endsWith(".png")) {
          Files.copy(in, images.resolve(e.getName()));
        }
      }
    }
    Files.writeString(images.resolve("another.png"), "no picture");

    CommandRun run = create(images);

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("1 unreadable image is left out: ")
        .contains("another.png (UNDECODABLE)");
  }

  @Test
  void inATarIsCountedAndLeftOut() throws Exception {
    Path tar = folder.resolve("images.tar");
    ShardWriter.writeSingle(BuiltInPictures.generate(COUNT, 8, 1), tar);
    byte[] bytes = Files.readAllBytes(tar);
    int header = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("IHDR");
    bytes[header] = 'X';
    Files.write(tar, bytes);

    CommandRun run = create(tar);

    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.err()).contains("1 unreadable image is left out: ").contains(tar + ": ");
  }

  @Test
  void withNothingElseIsAnErrorAndLeavesNothing() throws Exception {
    Path images = Files.createDirectory(folder.resolve("images"));
    for (int i = 0; i < COUNT; i++) {
      Files.writeString(images.resolve("image-" + i + ".png"), "no picture");
    }

    CommandRun run = create(images);

    assertThat(run.status()).as(run.err()).isEqualTo(8);
    assertThat(run.error())
        .contains(images.resolve("image-0.png").toString(), "; repair or remove them");
    assertThat(folder.resolve("made.task")).doesNotExist();
    assertThat(folder.resolve(".made.task.partial")).doesNotExist();
  }

  @Test
  void configurationWithAnUnknownKeyIsToldByTheCommandsThatReadIt() throws Exception {
    Path home = Files.createDirectories(folder.resolve("home"));
    Files.writeString(home.resolve("config.toml"), "[volunteer]\nspeed = 1\n");

    for (String command : new String[] {"node run", "pull emoji"}) {
      CommandRun run = CommandRun.of(home, command.split(" "));
      assertThat(run.status()).as(run.err()).isEqualTo(3);
      assertThat(run.error()).contains("config.toml:2", "volunteer.speed");
    }
    assertThat(home.resolve("db")).doesNotExist();
  }
}
