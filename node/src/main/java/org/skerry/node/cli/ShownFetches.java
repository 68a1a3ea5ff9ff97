package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.skerry.node.control.TransferStatus;
import org.skerry.node.daemon.Blobs;
import org.skerry.node.ensemble.BlobGetter;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.Progress;

/** Fetches blobs, shows a bar or prints lines for each, and says why one stalls. */
final class ShownFetches implements BlobGetter, AutoCloseable {
  private final Terminal terminal;
  private final Blobs blobs;
  private final boolean json;
  private Optional<ProgressBar> bar = Optional.empty();
  private String barOf = "";
  private String said = "";

  ShownFetches(Terminal terminal, Blobs blobs, boolean json) {
    this.terminal = terminal;
    this.blobs = blobs;
    this.json = json;
  }

  @Override
  public Path fetch(BlobId id, String title) throws IOException {
    Path file = blobs.fetchWhole(id, List.of(), progress -> progress(title, progress));
    terminal.say(title + ": verified");
    return file;
  }

  @Override
  public Path fetchSmall(BlobId id, String title, long maxBytes) throws IOException {
    return blobs.fetchSmall(id, maxBytes);
  }

  private void progress(String title, Progress progress) {
    if (json) {
      terminal.jsonLine(TransferStatus.of(progress));
      return;
    }
    if (!progress.message().isEmpty() && !progress.message().equals(said)) {
      close();
      barOf = "";
      terminal.warn(title + ": " + progress.message() + "; still trying");
    }
    said = progress.message();
    if (!title.equals(barOf) && progress.total() > 0) {
      close();
      barOf = title;
      bar = terminal.progress(title, progress.total(), " KiB", 1024);
    }
    bar.ifPresent(shown -> shown.stepTo(progress.completed()));
  }

  @Override
  public void close() {
    bar.ifPresent(ProgressBar::close);
    bar = Optional.empty();
  }
}
