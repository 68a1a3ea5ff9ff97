package org.skerry.diffusion.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A TorchScript module without parameters, compiled from source text that ships with this program.
 *
 * <p>libtorch loads a zip that holds code and a pickle; the pickle here is a few bytes that make
 * one object of small numbers, so the archive is written in memory and no file is ever read.
 */
public final class TorchScript {
  /** {@code __torch__.Kernels.__new__()} with a state that begins {@code {"training": True}. */
  private static final String OBJECT =
      "\u0080\u0002c__torch__\nKernels\n)\u0081}(X\u0008\u0000\u0000\u0000training\u0088";

  private static final byte[] EMPTY_TUPLE = "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1);

  private final PtSymbolBlock block;
  private final NDManager manager;
  private final Map<String, NDArray> methods = new ConcurrentHashMap<>();

  /**
   * @param manager that owns the module
   * @param source of a class {@code Kernels}, in the form that libtorch serialises
   * @param numbers from 0 to 255 that the class declares, as {@code name : int} and in this order
   */
  public TorchScript(NDManager manager, String source, Map<String, Integer> numbers) {
    this.manager = manager;
    try {
      block =
          JniUtils.loadModule(
              (PtNDManager) manager,
              new ByteArrayInputStream(archive(source, numbers)),
              false,
              false);
    } catch (IOException e) {
      throw new UncheckedIOException("an in-memory archive could not be read", e);
    }
  }

  /**
   * Calls {@code method}. Arrays named {@code x[]} become one list where the first of them stands.
   * The result belongs to the manager of the first argument.
   */
  public NDArray call(String method, NDList arguments) {
    NDList list = new NDList(arguments);
    list.add(methods.computeIfAbsent(method, this::selector));
    // The optimising executor recompiles for every shape; the switch is per native thread.
    JniUtils.setGraphExecutorOptimize(false);
    // "true" keeps results usable by autograd; "false" would make them inference tensors.
    return IValueUtils.forward(block, list, true).get(0);
  }

  private NDArray selector(String method) {
    NDArray array = manager.create(0f);
    array.setName("module_method:" + method);
    return array;
  }

  private static byte[] archive(String source, Map<String, Integer> numbers) throws IOException {
    var out = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(out)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "kernels/data.pkl", object(numbers).getBytes(StandardCharsets.ISO_8859_1));
      put(zip, "kernels/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
      put(zip, "kernels/constants.pkl", EMPTY_TUPLE);
      put(zip, "kernels/version", "10\n".getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  /** Strings with their length in four bytes, little-endian; numbers in one byte. */
  private static String object(Map<String, Integer> numbers) {
    var out = new StringBuilder(OBJECT);
    numbers.forEach((name, number) ->
        out.append("X%c\0\0\0%sK%c".formatted((char) name.length(), name, (char) (int) number)));
    return out.append("ub.").toString();
  }

  private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
    var crc = new CRC32();
    crc.update(bytes);
    var entry = new ZipEntry(name);
    entry.setSize(bytes.length);
    entry.setCompressedSize(bytes.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
