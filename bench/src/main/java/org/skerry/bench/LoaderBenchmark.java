package org.skerry.bench;

import ai.djl.ndarray.NDManager;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.skerry.bench.Report.Row;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.SeededRandom;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.dataset.Augmentation;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.IndexedShards;
import org.skerry.trainer.dataset.ReadLimits;
import org.skerry.trainer.dataset.SampleFormat;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.trainer.training.TrainingData;
import org.skerry.trainer.training.TrainingRecipe;
import org.skerry.trainer.training.TrainingRun;

/**
 * What it costs to bring images from tars to a training step, beside a loop that only decodes them,
 * and what of it a step has to wait for. Rates are per second of the working thread's own processor
 * time, so that another load on the machine does not show.
 */
final class LoaderBenchmark implements Benchmark {
  private static final String BUILT_IN = "builtin";
  private static final int SIZE = 32;
  private static final Augmentation AUGMENTATION = new Augmentation(true, 4, 1);

  @Override
  public String name() {
    return "loader";
  }

  @Override
  public String about() {
    return "32×32 images from tars to a training step, augmented, beside a plain decode loop";
  }

  @Override
  public Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("path", BUILT_IN);
    options.put("images", "10000");
    options.put("rounds", "3");
    options.put("batch", "32");
    options.put("steps", "40");
    return options;
  }

  @Override
  public Report run(Options options) throws Exception {
    Path folder = Files.createTempDirectory("skerry-bench");
    try {
      List<Path> tars = tars(options, folder);
      List<byte[]> encoded = encoded(tars, options.number("images"));
      List<Double> plain = new ArrayList<>();
      List<Double> loader = new ArrayList<>();
      List<Double> batches = new ArrayList<>();
      for (int round = -1; round < options.number("rounds"); round++) {
        double plainRate = plainRate(encoded);
        double loaderRate = loaderRate(tars, encoded.size());
        double batchRate = batchRate(tars, encoded.size(), options.number("batch"));
        // The first round warms up.
        if (round >= 0) {
          plain.add(plainRate);
          loader.add(loaderRate);
          batches.add(batchRate);
        }
      }
      double streamed = waitFraction(tars, 0, options);
      double kept = waitFraction(tars, Long.MAX_VALUE, options);
      return report(Median.of(plain), Median.of(loader), Median.of(batches), streamed, kept);
    } finally {
      DurableFiles.deleteTree(folder);
    }
  }

  private static Report report(
      double plain, double loader, double batches, double streamed, double kept) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("images_per_second_per_core", Report.rounded(loader));
    figures.put("plain_decode_per_second_per_core", Report.rounded(plain));
    figures.put("loader_over_plain_decode", Report.rounded(loader / plain));
    figures.put("batched_images_per_second_per_core", Report.rounded(batches));
    figures.put("data_wait_fraction", Math.round(streamed * 1e6) / 1e6);
    figures.put("data_wait_fraction_kept", Math.round(kept * 1e6) / 1e6);
    return new Report(
        List.of("images/s/core", "waited"),
        List.of(
            Row.of("ImageIO.read from memory", plain, Double.NaN),
            Row.of("tar to augmented floats", loader, Double.NaN),
            Row.of("the same with times and noise", batches, Double.NaN),
            Row.of("training, decoding every time", Double.NaN, streamed),
            Row.of("training, decoded samples kept", Double.NaN, kept)),
        figures);
  }

  private static List<Path> tars(Options options, Path folder) throws IOException {
    String path = options.text("path");
    if (path.equals(BUILT_IN)) {
      return new ShardWriter(1_000)
          .write(BuiltInPictures.generate(options.number("images"), SIZE, 1), folder, "train");
    }
    try (Stream<Path> files = Files.list(Path.of(path))) {
      return files.filter(file -> file.toString().endsWith(".tar")).sorted().toList();
    }
  }

  /** The first images of the tars as they are encoded. */
  private static List<byte[]> encoded(List<Path> tars, int most) throws IOException {
    List<byte[]> images = new ArrayList<>();
    for (Path tar : tars) {
      try (TarArchiveInputStream in = new TarArchiveInputStream(Files.newInputStream(tar))) {
        TarArchiveEntry entry;
        while (images.size() < most && (entry = in.getNextEntry()) != null) {
          if (entry.getName().matches(".*\\.(jpg|png)")) {
            images.add(in.readAllBytes());
          }
        }
      }
    }
    return images;
  }

  private static double plainRate(List<byte[]> encoded) throws IOException {
    long begin = threadNanos();
    long pixels = 0;
    for (byte[] image : encoded) {
      pixels += ImageIO.read(new ByteArrayInputStream(image)).getRGB(0, 0);
    }
    if (pixels == 0) {
      throw new IOException("no image has a colour");
    }
    return encoded.size() / seconds(begin);
  }

  private static double loaderRate(List<Path> tars, int count) throws IOException {
    float[] sample = new float[SampleFormat.pixels(SIZE).values()];
    float[] target = new float[sample.length];
    try (IndexedShards shards = open(tars, 0)) {
      int step = Math.max(1, shards.count() / count);
      long begin = threadNanos();
      for (int i = 0; i < count; i++) {
        shards.read(i * step, sample);
        AUGMENTATION.apply(sample, shards.format(), SeededRandom.of(1, i), target, 0);
      }
      return count / seconds(begin);
    }
  }

  private static double batchRate(List<Path> tars, int count, int batch) throws IOException {
    TrainingRecipe recipe = recipe(batch, 1);
    try (IndexedShards shards = open(tars, 0);
        TrainingData data = new TrainingData(shards, null, shards.window(), 1)) {
      int steps = Math.max(1, count / batch);
      long begin = threadNanos();
      for (int step = 0; step < steps; step++) {
        data.prepare(recipe, step);
      }
      return steps * batch / seconds(begin);
    }
  }

  /** The share of the time that steps of a U-Net on one thread wait for data. */
  private static double waitFraction(List<Path> tars, long keptBytes, Options options)
      throws IOException {
    Network network = Network.of(new UNetConfig(3, SIZE, 32, 3, 128, 8, 0));
    int steps = options.number("steps");
    Torch.threads(1);
    try (IndexedShards shards = open(tars, keptBytes);
        TrainingData data = new TrainingData(shards, null, shards.window(), 1);
        NDManager manager = Torch.newManager();
        TrainingRun run =
            TrainingRun.fromWeights(
                network,
                new FlowObjective(),
                data,
                recipe(options.number("batch"), steps + 2L),
                Parameters.initialTensors(network, 1),
                0,
                manager)) {
      // The first step waits for its data, as only the first does, and the second for the JIT.
      run.step();
      run.step();
      long begin = System.nanoTime();
      long waited = run.dataWaitNanos();
      while (!run.finished()) {
        run.step();
      }
      return (run.dataWaitNanos() - waited) / (double) (System.nanoTime() - begin);
    }
  }

  private static IndexedShards open(List<Path> tars, long keptBytes) throws IOException {
    return IndexedShards.open(tars, SampleFormat.pixels(SIZE), ReadLimits.DEFAULT, keptBytes);
  }

  private static TrainingRecipe recipe(int batch, long steps) {
    return TrainingRecipe.shortRun(steps, batch, 1).withAugmentation(AUGMENTATION);
  }

  private static long threadNanos() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadCpuTime();
  }

  private static double seconds(long begin) {
    return (threadNanos() - begin) / 1e9;
  }
}
