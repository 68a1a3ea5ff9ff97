package org.skerry.trainer.dataset;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.safetensors.SafetensorsException;
import org.skerry.trainer.npy.NpyHeader;

/**
 * One latent as a file: NumPy's {@code .npy} (versions 1 to 3, little-endian float16 or float32, C
 * order) or a safetensors file with one tensor (F16, BF16 or F32). Its shape must be the declared
 * one, {@code [channels, size, size]}, and all values finite; the declared shape decides what is
 * allocated, never the file.
 */
final class LatentFile {
  private static final Set<ElementType> TYPES =
      Set.of(ElementType.F16, ElementType.BF16, ElementType.F32);

  private final SampleFormat format;

  LatentFile(SampleFormat format) {
    this.format = format;
  }

  SampleDecoder.Result decode(byte[] file) {
    if (NpyHeader.startsWithMagic(file)) {
      return npy(file);
    }
    try {
      List<HostTensor> tensors =
          List.copyOf(Safetensors.read(ByteBuffer.wrap(file)).tensors().values());
      return tensors.size() == 1
          ? values(tensors.getFirst())
          : new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    } catch (SafetensorsException e) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
  }

  /** A latent as {@code .npy} of float32, version 1. */
  static byte[] encode(SampleFormat format, float[] values) {
    byte[] header = NpyHeader.ofFloats(format.channels(), format.size(), format.size());
    ByteBuffer out =
        ByteBuffer.allocate(header.length + values.length * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put(header).asFloatBuffer().put(values);
    return out.array();
  }

  private SampleDecoder.Result npy(byte[] file) {
    NpyHeader header;
    try {
      header = NpyHeader.read(new ByteArrayInputStream(file));
    } catch (IOException e) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
    Optional<ElementType> type = header.floatType();
    if (type.isEmpty() || header.fortranOrder()) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
    int data = header.sizeBytes();
    return values(type.get(), header.shape(), ByteBuffer.wrap(file, data, file.length - data));
  }

  private SampleDecoder.Result values(HostTensor tensor) {
    return values(tensor.type(), tensor.shape(), tensor.data());
  }

  private SampleDecoder.Result values(ElementType type, List<Long> shape, ByteBuffer bytes) {
    List<Long> wanted =
        List.of((long) format.channels(), (long) format.size(), (long) format.size());
    // Exporters often keep the batch dimension of the one sample that they encoded.
    List<Long> found =
        shape.size() == 4 && shape.getFirst() == 1L ? shape.subList(1, shape.size()) : shape;
    if (!found.equals(wanted)) {
      return new SampleDecoder.Result.Refused(BadImage.WRONG_SIZE);
    }
    if (!TYPES.contains(type) || bytes.remaining() != (long) format.values() * type.sizeBytes()) {
      return new SampleDecoder.Result.Refused(BadImage.UNDECODABLE);
    }
    float[] values = new HostTensor(type, wanted, bytes).toFloats();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        return new SampleDecoder.Result.Refused(BadImage.NOT_FINITE);
      }
    }
    return new SampleDecoder.Result.Decoded(new SampleValues.Latent(values));
  }
}
