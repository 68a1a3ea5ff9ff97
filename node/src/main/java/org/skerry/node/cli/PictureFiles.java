package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import me.tongfei.progressbar.ProgressBar;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.MissingExpert;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.generate.Listener;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureMaker;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.QueueFullException;
import org.skerry.node.generate.Resources;
import org.skerry.node.home.AtomicFile;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.worker.Workers;

/** Makes pictures in a worker of this command's own, and writes them as files. */
final class PictureFiles implements AutoCloseable {
  /** The worker ends with the command. */
  private static final Duration KEEP_WARM = Duration.ofDays(1);

  private final Terminal terminal;
  private final PictureMaker maker;

  PictureFiles(SkerryHome home, Terminal terminal, Resources resources) {
    this.terminal = terminal;
    this.maker =
        new PictureMaker(
            home,
            Workers.warm(home.work(), home.logs().resolve("worker.log"), resources.threads()),
            resources,
            1,
            KEEP_WARM);
  }

  /** Says which concepts a model knows nothing of. */
  static void sayWhatIsMissing(SkerryHome home, PulledEnsemble model, Terminal terminal) {
    for (MissingExpert missing : MissingExpert.of(model)) {
      String sheet =
          missing
              .contactSheet()
              .map(blob -> {
                Path file = home.fetched().resolve(blob.toString());
                return Files.isRegularFile(file)
                    ? "; what it would know is shown in " + file
                    : "; what it would know is shown by the task's blob " + blob;
              })
              .orElse("");
      terminal.warn(
          "the %s is missing, and the others do without%s".formatted(missing.title(), sheet));
    }
  }

  /**
   * Makes {@code count} pictures and writes each as soon as its request is done.
   *
   * @param name of the file of a picture
   * @return the files
   */
  List<Path> make(PictureRequest.Builder request, int count, Function<Picture, Path> name)
      throws NodeException, InterruptedException {
    if (count < 1) {
      throw new NodeException(
          Reason.USAGE, "--count " + count + " makes no picture", "give at least 1");
    }
    List<Path> files = new ArrayList<>();
    Optional<ProgressBar> bar = terminal.progress("sampling", count, " pictures", 1);
    try {
      while (files.size() < count) {
        int done = files.size();
        int now = Math.min(PictureRequest.MAX_COUNT, count - done);
        for (Picture picture : pictures(request.first(done).count(now), done, bar)) {
          files.add(write(name.apply(picture), picture));
        }
      }
    } finally {
      bar.ifPresent(ProgressBar::close);
    }
    return files;
  }

  private List<Picture> pictures(
      PictureRequest.Builder request, int done, Optional<ProgressBar> bar)
      throws NodeException, InterruptedException {
    try {
      PictureRequest asked = request.build();
      Listener listener =
          new Listener() {
            @Override
            public void progress(int evaluations, int total) {
              bar.ifPresent(
                  shown -> shown.stepTo(done + (long) asked.count() * evaluations / total));
            }
          };
      return maker.submit(asked, listener).pictures().get();
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "see the command's --help", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof NodeException known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    } catch (QueueFullException | CancellationException e) {
      throw new IllegalStateException("nobody else uses this worker", e);
    }
  }

  private static Path write(Path file, Picture picture) throws NodeException {
    try {
      AtomicFile.write(file, picture.png());
      return file;
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(file, e);
    }
  }

  @Override
  public void close() {
    maker.close();
  }
}
