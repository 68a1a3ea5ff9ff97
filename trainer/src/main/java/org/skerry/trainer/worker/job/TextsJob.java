package org.skerry.trainer.worker.job;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.skerry.diffusion.TextEncoderConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.text.PromptEncoder;
import org.skerry.diffusion.text.TokenizerFiles;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import org.skerry.trainer.text.TextTable;
import org.skerry.trainer.training.TrainingControl.Wish;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Encodes the captions that a task trains on, each once, and the empty text. */
public final class TextsJob implements JobHandler {
  public static final String KIND = "texts";

  /** Name of the event that tells how many texts are done. */
  public static final String PROGRESS = "encoded";

  /** What waits in memory before it becomes a file. */
  private static final long FILE_BYTES = 128L << 20;

  @Override
  public TextsResult run(JsonNode json, JobContext context) throws IOException {
    TextsConfig config = context.config(json, TextsConfig.class);
    Map<String, String> captions = captions(Path.of(config.captions()));
    Map<String, Path> tokenizer = new TreeMap<>();
    config.tokenizer().forEach((name, file) -> tokenizer.put(name, Path.of(file)));
    Torch.threads(config.threads());
    Tables tables = new Tables(Path.of(config.folder()));
    int done = 0;
    try (NDManager manager = Torch.newManager();
        PromptEncoder encoder =
            PromptEncoder.open(
                TextEncoderConfig.fromProperties(config.encoder()),
                Path.of(config.weights()),
                new TokenizerFiles(tokenizer),
                manager)) {
      for (Map.Entry<String, String> caption : captions.entrySet()) {
        if (context.control().wish() == Wish.STOPPING) {
          throw new TrainerException(Reason.STOPPED, "the captions are not all encoded");
        }
        tables.add(caption.getKey(), encode(encoder, caption.getValue(), manager));
        context.emit(PROGRESS, Map.of("done", ++done, "total", captions.size()));
      }
    }
    return new TextsResult(tables.finish(), done);
  }

  /** By their keys, so that those which read alike are encoded once. */
  private static Map<String, String> captions(Path file) throws IOException {
    Map<String, String> out = new LinkedHashMap<>();
    out.put(TextTable.key(null), TextTable.plain(null));
    for (JsonNode caption : JsonMapper.shared().readTree(Files.readAllBytes(file))) {
      String text = TextTable.plain(caption.stringValue());
      out.put(TextTable.key(text), text);
    }
    return out;
  }

  private static HostTensor encode(PromptEncoder encoder, String caption, NDManager manager)
      throws TrainerException {
    try (NDManager scratch = manager.newSubManager()) {
      NDArray states = encoder.encode(caption, scratch);
      return TextTable.rounded(
          states.toFloatArray(), states.getShape().get(1), states.getShape().get(2));
    } catch (IllegalArgumentException e) {
      throw new TrainerException(
          Reason.BAD_CONFIG,
          "what the text encoder makes of \"%s\" is of no use (%s); name another encoder"
              .formatted(caption.substring(0, Math.min(60, caption.length())), e.getMessage()),
          e);
    }
  }

  /** Writes tables, so that not all texts have to be in memory together. */
  private static final class Tables {
    private final Path folder;
    private final List<String> files = new ArrayList<>();
    private Map<String, HostTensor> waiting = new LinkedHashMap<>();
    private long waitingBytes;

    Tables(Path folder) {
      this.folder = folder;
    }

    void add(String key, HostTensor text) throws IOException {
      waiting.put(key, text);
      waitingBytes += text.data().remaining();
      if (waitingBytes >= FILE_BYTES) {
        flush();
      }
    }

    private void flush() throws IOException {
      Path file = folder.resolve("texts-%06d.safetensors".formatted(files.size()));
      new Safetensors(waiting, Map.of()).write(file);
      files.add(file.toString());
      waiting = new LinkedHashMap<>();
      waitingBytes = 0;
    }

    List<String> finish() throws IOException {
      if (!waiting.isEmpty()) {
        flush();
      }
      return files;
    }
  }
}
