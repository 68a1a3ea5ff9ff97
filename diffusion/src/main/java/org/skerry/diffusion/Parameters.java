package org.skerry.diffusion;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.diffusion.safetensors.ElementType;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.safetensors.SafetensorsException;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Kernels;

/**
 * A network's parameters by name, in the network's order, in one manager of their own. One thread
 * may change them at a time; any number may read them meanwhile if none does.
 */
public final class Parameters implements AutoCloseable {
  private final Network network;
  private final NDManager manager;
  private final boolean readOnly;
  private final Map<String, NDArray> arrays;
  private final Map<String, List<NDArray>> layers = new ConcurrentHashMap<>();

  private Parameters(
      Network network, NDManager manager, Map<String, NDArray> arrays, boolean readOnly) {
    this.readOnly = readOnly;
    this.network = network;
    this.manager = manager;
    this.arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    this.arrays.values().forEach(array -> array.setName(Kernels.PARAMETER));
  }

  /** Fresh parameters: the same bytes for the same seed on every machine. */
  public static Parameters initialise(Network network, NDManager parent, long seed) {
    return from(network, initialTensors(network, seed), parent);
  }

  /** What {@link #initialise} starts from, without libtorch. */
  public static Map<String, HostTensor> initialTensors(Network network, long seed) {
    var out = new LinkedHashMap<String, HostTensor>();
    int index = 0;
    for (ParameterSpec spec : network.parameters()) {
      int count = Math.toIntExact(spec.size());
      float[] values = spec.initialiser().values(count, SeededRandom.of(seed, index++));
      out.put(spec.name(), HostTensor.of(values, spec.shape().getShape()));
    }
    return out;
  }

  /**
   * Reads the weights of a file.
   *
   * @throws SafetensorsException when the file is malformed, or its tensors are not exactly this
   *     network's
   */
  public static Parameters fromSafetensors(Network network, NDManager parent, Path path)
      throws IOException {
    return from(network, read(network, path), parent);
  }

  /**
   * Maps the weights of a file without copying them where libtorch runs on the processor: for
   * sampling. They cannot be trained, and the file must not be cut short meanwhile.
   *
   * @throws SafetensorsException as {@link #fromSafetensors}
   */
  public static Parameters mapSafetensors(Network network, NDManager parent, Path path)
      throws IOException {
    NDManager manager = parent.newSubManager();
    return new Parameters(network, manager, shared(network, read(network, path), manager), true);
  }

  /**
   * A copy of tensors in plain memory.
   *
   * @throws IllegalArgumentException when the tensors are not exactly this network's
   */
  public static Parameters from(
      Network network, Map<String, HostTensor> tensors, NDManager parent) {
    List<String> faults = mismatches(network, tensors);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException("not this network's weights: " + summary(faults));
    }
    NDManager manager = parent.newSubManager();
    var arrays = new LinkedHashMap<String, NDArray>();
    try (NDManager scratch = manager.newSubManager()) {
      shared(network, tensors, scratch)
          .forEach((name, array) -> {
            NDArray copy = array.duplicate();
            copy.attach(manager);
            arrays.put(name, copy);
          });
    }
    return new Parameters(network, manager, arrays, false);
  }

  /** Writes float32 weights under their names. The file appears whole or not at all. */
  public void toSafetensors(Path path, Map<String, String> metadata) throws IOException {
    new Safetensors(snapshot(), metadata).write(path);
  }

  /** A copy of every parameter in plain memory, which stays as it is while training goes on. */
  public Map<String, HostTensor> snapshot() {
    var out = new LinkedHashMap<String, HostTensor>();
    arrays.forEach((name, array) -> out.put(name, HostTensors.copyOf(array)));
    return out;
  }

  /** An independent copy that needs no gradients. */
  public Parameters copy(NDManager parent) {
    return from(network, snapshot(), parent);
  }

  public Network network() {
    return network;
  }

  /** The parameter of that name. */
  public NDArray get(String name) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("network has no parameter '" + name + "'");
    }
    return array;
  }

  /** Every parameter whose name starts with {@code layer} and a dot, in the network's order. */
  public List<NDArray> layer(String layer) {
    return layers.computeIfAbsent(layer, this::findLayer);
  }

  public Map<String, NDArray> arrays() {
    return arrays;
  }

  /** The parameters that training moves, by name. */
  public Map<String, NDArray> trainable() {
    var out = new LinkedHashMap<String, NDArray>();
    for (ParameterSpec spec : network.parameters()) {
      if (spec.trainable()) {
        out.put(spec.name(), get(spec.name()));
      }
    }
    return out;
  }

  /** Makes {@link org.skerry.diffusion.torch.Torch#backward} accumulate gradients here, or not. */
  public void requiresGradient(boolean required) {
    if (required && readOnly) {
      throw new IllegalStateException("mapped parameters cannot be trained: copy them first");
    }
    trainable().values().forEach(array -> array.setRequiresGradient(required));
  }

  /** Whether no parameter is infinite or not a number. */
  public boolean allFinite() {
    for (NDArray array : arrays.values()) {
      for (float value : array.toFloatArray()) {
        if (!Float.isFinite(value)) {
          return false;
        }
      }
    }
    return true;
  }

  public NDManager manager() {
    return manager;
  }

  /** Frees the parameters. */
  @Override
  public void close() {
    manager.close();
  }

  private List<NDArray> findLayer(String layer) {
    var out = new ArrayList<NDArray>();
    arrays.forEach((name, array) -> {
      if (name.startsWith(layer + ".")) {
        out.add(array);
      }
    });
    if (out.isEmpty()) {
      throw new IllegalArgumentException("network has no layer '" + layer + "'");
    }
    return List.copyOf(out);
  }

  private static Map<String, HostTensor> read(Network network, Path path) throws IOException {
    Map<String, HostTensor> tensors = Safetensors.map(path).tensors();
    List<String> faults = mismatches(network, tensors);
    if (!faults.isEmpty()) {
      throw new SafetensorsException(
          SafetensorsException.Reason.FOREIGN_WEIGHTS,
          path + " does not hold this network's weights: " + summary(faults));
    }
    return tensors;
  }

  private static Map<String, NDArray> shared(
      Network network, Map<String, HostTensor> tensors, NDManager manager) {
    var arrays = new LinkedHashMap<String, NDArray>();
    for (ParameterSpec spec : network.parameters()) {
      HostTensor tensor = requireNonNull(tensors.get(spec.name()));
      arrays.put(spec.name(), HostTensors.toArray(manager, tensor));
    }
    return arrays;
  }

  private static List<String> mismatches(Network network, Map<String, HostTensor> tensors) {
    var faults = new ArrayList<String>();
    var extra = new LinkedHashMap<>(tensors);
    for (ParameterSpec spec : network.parameters()) {
      HostTensor tensor = extra.remove(spec.name());
      if (tensor == null) {
        faults.add("missing " + spec.name());
        continue;
      }
      Shape shape = new Shape(tensor.shape().stream().mapToLong(Long::longValue).toArray());
      if (tensor.type() != ElementType.F32 || !shape.equals(spec.shape())) {
        faults.add(
            "%s is %s%s, not F32%s"
                .formatted(spec.name(), tensor.type(), tensor.shape(), spec.shape()));
      }
    }
    extra.keySet().forEach(name -> faults.add("unknown " + name));
    return faults;
  }

  private static String summary(List<String> faults) {
    int shown = Math.min(8, faults.size());
    String text = String.join("; ", faults.subList(0, shown));
    return shown < faults.size() ? text + "; and " + (faults.size() - shown) + " more" : text;
  }
}
