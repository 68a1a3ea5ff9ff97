package org.skerry.diffusion.safetensors;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.skerry.diffusion.safetensors.SafetensorsException.Reason;

/**
 * The contents of a safetensors file.
 *
 * @param tensors by name, in the order of the file
 * @param metadata text to text
 */
public record Safetensors(Map<String, HostTensor> tensors, Map<String, String> metadata) {
  public Safetensors {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * Maps a file. The tensors are read-only views of the mapping, which lasts as long as any of
   * them. The file must not be cut short while it is mapped.
   *
   * @throws SafetensorsException when the file breaks a rule of the format
   * @throws IOException when it cannot be read
   */
  public static Safetensors map(Path path) throws IOException {
    return map(path, Arena.ofAuto());
  }

  /**
   * As {@link #map(Path)}, for as long as {@code arena} is open.
   *
   * @throws SafetensorsException when the file breaks a rule of the format
   * @throws IOException when it cannot be read
   */
  public static Safetensors map(Path path, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < 8) {
        throw new SafetensorsException(Reason.TRUNCATED, size + " bytes hold no header");
      }
      byte[] json = header(channel, size);
      SafetensorsHeader header = SafetensorsHeader.parse(json, size - 8 - json.length);
      var tensors = new LinkedHashMap<String, HostTensor>();
      MemorySegment file = channel.map(MapMode.READ_ONLY, 0, size, arena);
      header
          .entries()
          .forEach((name, entry) -> {
            long begin = 8 + json.length + entry.begin();
            MemorySegment slice = file.asSlice(begin, entry.end() - entry.begin());
            tensors.put(name, new HostTensor(entry.type(), entry.shape(), aligned(slice, entry)));
          });
      return new Safetensors(tensors, header.metadata());
    } catch (SafetensorsException e) {
      throw new SafetensorsException(e.reason(), path + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads a whole file that is in memory. The tensors are copies on the heap.
   *
   * @throws SafetensorsException when the file breaks a rule of the format
   */
  public static Safetensors read(ByteBuffer file) throws SafetensorsException {
    ByteBuffer in = file.slice().order(ByteOrder.LITTLE_ENDIAN);
    long length = in.remaining() < 8 ? -1 : in.getLong();
    if (length < 0 || length > SafetensorsHeader.MAX_SIZE_BYTES || length > in.remaining()) {
      throw new SafetensorsException(
          Reason.TRUNCATED, file.remaining() + " bytes do not hold the header they promise");
    }
    byte[] json = new byte[(int) length];
    in.get(json);
    SafetensorsHeader header = SafetensorsHeader.parse(json, in.remaining());
    var tensors = new LinkedHashMap<String, HostTensor>();
    header
        .entries()
        .forEach((name, entry) -> {
          int size = (int) (entry.end() - entry.begin());
          ByteBuffer data = ByteBuffer.allocate(size);
          data.put(in.slice(in.position() + (int) entry.begin(), size)).flip();
          tensors.put(name, new HostTensor(entry.type(), entry.shape(), data));
        });
    return new Safetensors(tensors, header.metadata());
  }

  /**
   * Writes a file, or leaves what was there before: the bytes go to a temporary file beside it,
   * reach the disk, and then take its name. Tensors are laid out by element size and name, so equal
   * contents give equal bytes.
   */
  public void write(Path path) throws IOException {
    write(
        path, HostTensor::type, metadata, (tensor, channel) -> writeFully(channel, tensor.data()));
  }

  /**
   * As {@link #write}, with float32 rounded to bfloat16, to the nearest, ties to even, and without
   * the metadata: whoever rounds these tensors gets the same bytes.
   */
  public void writeBfloat16(Path path) throws IOException {
    write(path, Bfloat16::typeOf, Map.of(), Bfloat16::write);
  }

  private interface Body {
    void write(HostTensor tensor, FileChannel out) throws IOException;
  }

  private void write(
      Path path, Function<HostTensor, ElementType> type, Map<String, String> text, Body body)
      throws IOException {
    var ordered = new ArrayList<>(tensors.entrySet());
    ordered.sort(
        Comparator.<Map.Entry<String, HostTensor>>comparingInt(
                e -> -type.apply(e.getValue()).sizeBytes())
            .thenComparing(Map.Entry::getKey));
    var entries = new LinkedHashMap<String, SafetensorsHeader.Entry>();
    long at = 0;
    for (var e : ordered) {
      ElementType written = type.apply(e.getValue());
      List<Long> shape = e.getValue().shape();
      long end = at + HostTensor.sizeBytes(written, shape);
      entries.put(e.getKey(), new SafetensorsHeader.Entry(written, shape, at, end));
      at = end;
    }
    byte[] json = new SafetensorsHeader(entries, text).encode();
    Path target = path.toAbsolutePath();
    Path folder = requireNonNull(target.getParent(), "a file has a folder");
    Path part = Files.createTempFile(folder, target.getFileName() + ".", ".part");
    try {
      try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
        ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        writeFully(out, length.putLong(json.length).flip());
        writeFully(out, ByteBuffer.wrap(json));
        for (var e : ordered) {
          body.write(e.getValue(), out);
        }
        out.force(true);
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
    forceFolder(folder);
  }

  private static byte[] header(FileChannel channel, long size) throws IOException {
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    readFully(channel, length);
    long count = length.flip().getLong();
    if (count < 0 || count > SafetensorsHeader.MAX_SIZE_BYTES) {
      throw new SafetensorsException(
          Reason.HEADER_TOO_LARGE,
          "header of " + Long.toUnsignedString(count) + " bytes is over 100000000");
    }
    if (count > size - 8) {
      throw new SafetensorsException(
          Reason.TRUNCATED, "header of " + count + " bytes in a file of " + size);
    }
    ByteBuffer json = ByteBuffer.allocate((int) count);
    readFully(channel, json);
    return json.array();
  }

  /** Foreign files may start their buffer anywhere; libtorch wants elements aligned. */
  private static ByteBuffer aligned(MemorySegment slice, SafetensorsHeader.Entry entry) {
    if (slice.address() % entry.type().sizeBytes() == 0) {
      return slice.asByteBuffer();
    }
    ByteBuffer copy = ByteBuffer.allocateDirect((int) slice.byteSize());
    return copy.put(slice.asByteBuffer()).flip();
  }

  private static void readFully(FileChannel channel, ByteBuffer into) throws IOException {
    while (into.hasRemaining()) {
      if (channel.read(into) < 0) {
        throw new SafetensorsException(Reason.TRUNCATED, "file ends inside its header");
      }
    }
  }

  static void writeFully(FileChannel channel, ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      channel.write(from);
    }
  }

  /** Makes the new name durable where the platform lets a folder be opened. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows refuses to open a folder; its rename is journaled.
      return;
    }
  }
}
