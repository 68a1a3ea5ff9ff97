package org.skerry.trainer.dataset;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.skerry.trainer.TrainerException;

/**
 * Reads WebDataset tars: the files of one sample are adjacent and share the name before the first
 * dot: {@code KEY.jpg|jpeg|png} (an image) or {@code KEY.npy|safetensors} (a latent), {@code
 * KEY.txt} (caption), {@code KEY.cls} (class index). Other files are passed over. A damaged tar is
 * refused as a whole; damaged images are counted.
 */
public final class WebDataset {
  private WebDataset() {}

  /** Reads tars one after the other, cropping and resizing to {@code size}. */
  public static Dataset read(List<Path> tars, int size, ReadLimits limits) throws TrainerException {
    return read(tars, new SampleDecoder(SampleFormat.pixels(size), false, limits), limits);
  }

  /** Reads shards of a task: every image must have exactly {@code size} × {@code size} pixels. */
  public static Dataset readShards(List<Path> tars, int size, ReadLimits limits)
      throws TrainerException {
    return readShards(tars, SampleFormat.pixels(size), limits);
  }

  /** Reads shards of a task, or of latents: every sample must be exactly of {@code format}. */
  public static Dataset readShards(List<Path> tars, SampleFormat format, ReadLimits limits)
      throws TrainerException {
    return read(tars, new SampleDecoder(format, true, limits), limits);
  }

  /** What a tar's first sample is; pixels when it has none. */
  public static SampleFormat.Kind kindOf(Path tar) {
    return TarWalk.firstKind(tar).orElse(SampleFormat.Kind.PIXELS);
  }

  private static Dataset read(List<Path> tars, SampleDecoder decoder, ReadLimits limits)
      throws TrainerException {
    SampleCollector collector = new SampleCollector(decoder, limits);
    for (Path tar : tars) {
      TarWalk.Visitor visitor =
          new TarWalk.Visitor() {
            @Override
            public void take(TarSample sample) throws TrainerException {
              collector.add(
                  tar + ": " + sample.name(),
                  sample.key(),
                  Objects.requireNonNull(sample.content(), "content was asked for"),
                  sample.caption(),
                  sample.classId());
            }

            @Override
            public void skip(String where, BadImage reason) {
              collector.skip(where, reason);
            }
          };
      new TarWalk(tar, decoder.format().kind(), true, limits, visitor).run();
    }
    String name = tars.size() == 1 ? tars.getFirst().toString() : tars.size() + " tars";
    return collector.finish(name);
  }
}
