package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Task;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.task.Units;
import org.skerry.trainer.dataset.Augmentation;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.WebDataset;

/** From other sources than tars of images to a task. */
class TaskSourcesIT {
  private static final int COUNT = 60;
  private static final int SIDE = 12;

  @TempDir Path folder;

  @Test
  void gzippedIdxBecomesATaskWhoseShardsKeepTheClasses() throws IOException {
    Path digits = Files.createDirectory(folder.resolve("digits"));
    write(digits.resolve("train-images-idx3-ubyte.gz"), 3, COUNT * SIDE * SIDE, COUNT, SIDE, SIDE);
    write(digits.resolve("train-labels-idx1-ubyte.gz"), 1, COUNT, COUNT);
    Path made = folder.resolve("made.task");

    CommandRun run = create(digits, made, "--flip", "--shift", "2", "--smallest-crop", "0.75");

    assertThat(run.status()).as(run.err()).isZero();
    Task task = new TaskFolder(made).task();
    assertThat(Units.recipe(task.manifest().expertRecipe()).augmentation())
        .isEqualTo(new Augmentation(true, 2, 0.75));
    assertThat(classesIn(new TaskFolder(made).blobs())).containsExactlyInAnyOrder(0, 1, 2, 3);
  }

  @Test
  void anAugmentationThatCannotBeIsRefusedInOneLine() throws IOException {
    CommandRun run = create(folder, folder.resolve("made.task"), "--shift", "8");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.error()).contains("--shift 8 is not in 0..7");
    assertThat(create(folder, folder.resolve("made.task"), "--smallest-crop", "0").status())
        .isEqualTo(2);
  }

  private CommandRun create(Path images, Path out, String... more) {
    String[] first = {
      "task",
      "create",
      "--images",
      images.toString(),
      "--experts",
      "1",
      "--size",
      "8",
      "--out",
      out.toString()
    };
    return CommandRun.of(
        folder.resolve("home"),
        Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new));
  }

  /** The classes of all tars among the blobs. */
  private static Set<Integer> classesIn(Path blobs) throws IOException {
    try (Stream<Path> files = Files.list(blobs)) {
      return files
          .filter(TaskSourcesIT::isTar)
          .flatMap(TaskSourcesIT::classes)
          .collect(Collectors.toSet());
    }
  }

  /** Indexes and pictures are blobs too. */
  private static boolean isTar(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      return bytes.length > 262
          && new String(bytes, 257, 5, StandardCharsets.US_ASCII).equals("ustar");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<Integer> classes(Path tar) {
    try {
      ImageSet images = WebDataset.readShards(List.of(tar), 8, ReadLimits.DEFAULT).images();
      return images.infos().stream().map(ImageInfo::classId);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Labels below four, or images of noise. */
  private static void write(Path file, int rank, int bytes, int... sides) throws IOException {
    ByteBuffer out = ByteBuffer.allocate(4 + 4 * rank + bytes).putInt(0x0800 | rank);
    for (int side : sides) {
      out.putInt(side);
    }
    Random random = new Random(rank);
    while (out.hasRemaining()) {
      out.put((byte) (rank == 1 ? random.nextInt(4) : random.nextInt(256)));
    }
    try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
      gzip.write(out.array());
    }
  }
}
