package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.Codec;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.dataset.WebDataset;
import org.skerry.trainer.partition.Latents;
import org.skerry.trainer.worker.WorkerEvent;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.EncodeConfig;
import org.skerry.trainer.worker.job.EncodeJob;
import tools.jackson.databind.JsonNode;

/** Encodes images in a worker process, over files in the home's work folder. */
final class CodecWorker {
  private final SkerryHome home;
  private final Terminal terminal;

  CodecWorker(SkerryHome home, Terminal terminal) {
    this.home = home;
    this.terminal = terminal;
  }

  /**
   * @param mirror whether the mirrored images are encoded too
   */
  Latents encode(Codec codec, ImageSet images, boolean mirror)
      throws NodeException, InterruptedException {
    try {
      Files.createDirectories(home.work());
      Files.createDirectories(home.logs());
      Path folder = Files.createTempDirectory(home.work(), "latents-").toAbsolutePath();
      int threads = Runtime.getRuntime().availableProcessors();
      try (WorkerProcess worker =
          Workers.create(folder, home.logs().resolve("worker.log"), threads)) {
        ImageSet plain = encode(worker, codec, images, folder, threads);
        return new Latents(
            plain,
            mirror
                ? Optional.of(encode(worker, codec, images.mirrored(), folder, threads))
                : Optional.empty());
      } finally {
        DurableFiles.deleteTree(folder);
      }
    } catch (TrainerException e) {
      throw new NodeException(
          Reason.DATA_INVALID,
          codec.weights() + " encodes no images (" + e.getMessage() + ")",
          "name the safetensors file of a whole diffusers AutoencoderKL",
          e);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(home.work(), e);
    }
  }

  private ImageSet encode(
      WorkerProcess worker, Codec codec, ImageSet images, Path folder, int threads)
      throws IOException, InterruptedException {
    Path pictures = folder.resolve("pictures.tar");
    Path latents = folder.resolve("latents.tar");
    ShardWriter.writeSingle(images, pictures);
    EncodeConfig config =
        new EncodeConfig(
            codec.weights().toString(),
            Codec.GROUPS,
            codec.config().scale(),
            pictures.toString(),
            images.size(),
            latents.toString(),
            threads);
    Optional<ProgressBar> bar = terminal.progress("encoding", images.count(), " images", 1);
    try {
      worker.run(EncodeJob.KIND, config, event -> show(event, bar));
    } finally {
      bar.ifPresent(ProgressBar::close);
    }
    SampleFormat format =
        SampleFormat.latents(codec.config().latentChannels(), codec.latentSize(images.size()));
    return WebDataset.readShards(List.of(latents), format, ReadLimits.DEFAULT).images();
  }

  private static void show(WorkerEvent event, Optional<ProgressBar> bar) {
    if (event instanceof WorkerEvent.FromJob(String name, JsonNode data)
        && name.equals(EncodeJob.PROGRESS)) {
      bar.ifPresent(b -> b.stepTo(data.path("done").asLong()));
    }
  }
}
