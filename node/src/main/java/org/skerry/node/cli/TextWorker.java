package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import me.tongfei.progressbar.ProgressBar;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.TextEncoding;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.worker.WorkerEvent;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.TextsConfig;
import org.skerry.trainer.worker.job.TextsJob;
import org.skerry.trainer.worker.job.TextsResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Encodes captions in a worker process, into files that last until this is closed. */
final class TextWorker implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final SkerryHome home;
  private final Terminal terminal;
  private final Path folder;

  private TextWorker(SkerryHome home, Terminal terminal, Path folder) {
    this.home = home;
    this.terminal = terminal;
    this.folder = folder;
  }

  static TextWorker open(SkerryHome home, Terminal terminal) throws NodeException {
    try {
      Files.createDirectories(home.work());
      Files.createDirectories(home.logs());
      Path folder = Files.createTempDirectory(home.work(), "texts-").toAbsolutePath();
      return new TextWorker(home, terminal, folder);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(home.work(), e);
    }
  }

  /** What experts read of {@code captions}, and of the empty text. */
  TextTable encode(TextEncoding encoding, List<String> captions)
      throws NodeException, InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    try (WorkerProcess worker =
        Workers.create(folder, home.logs().resolve("worker.log"), threads)) {
      Path list = folder.resolve("captions.json");
      Files.write(list, JSON.writeValueAsBytes(captions));
      TextsConfig config =
          new TextsConfig(
              encoding.config().toProperties(),
              encoding.weights().toString(),
              paths(encoding),
              list.toString(),
              folder.toString(),
              threads);
      List<Path> files =
          run(worker, config, captions.size() + 1L).files().stream().map(Path::of).toList();
      return TextTable.open(files, encoding.config().width(), encoding.maxTokens());
    } catch (TrainerException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          "the captions cannot be encoded (" + e.getMessage() + ")",
          "name another --text-encoder, or correct the captions",
          e);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(folder, e);
    }
  }

  private TextsResult run(WorkerProcess worker, TextsConfig config, long texts)
      throws IOException, InterruptedException {
    Optional<ProgressBar> bar = terminal.progress("encoding", texts, " captions", 1);
    try {
      return JSON.treeToValue(
          worker.run(TextsJob.KIND, config, event -> show(event, bar)), TextsResult.class);
    } finally {
      bar.ifPresent(ProgressBar::close);
    }
  }

  private static Map<String, String> paths(TextEncoding encoding) {
    Map<String, String> out = new TreeMap<>();
    encoding.tokenizer().paths().forEach((name, file) -> out.put(name, file.toString()));
    return out;
  }

  private static void show(WorkerEvent event, Optional<ProgressBar> bar) {
    if (event instanceof WorkerEvent.FromJob(String name, JsonNode data)
        && name.equals(TextsJob.PROGRESS)) {
      bar.ifPresent(b -> b.stepTo(data.path("done").asLong()));
    }
  }

  @Override
  public void close() throws NodeException {
    try {
      DurableFiles.deleteTree(folder);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(folder, e);
    }
  }
}
