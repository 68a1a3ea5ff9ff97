package org.skerry.diffusion;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.lang.foreign.Arena;
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
import org.skerry.diffusion.torch.Torch;

/**
 * A model's parameters by name, in the model's order, in one manager of their own. One thread may
 * change them at a time; any number may read them meanwhile if none does.
 */
public final class Parameters implements AutoCloseable {
  private static final int MAX_FAULTS_SHOWN = 24;

  private final Model model;
  private final NDManager manager;
  private final boolean readOnly;
  private final Map<String, NDArray> arrays;
  private final Map<String, List<NDArray>> layers = new ConcurrentHashMap<>();

  private Parameters(
      Model model, NDManager manager, Map<String, NDArray> arrays, boolean readOnly) {
    this.readOnly = readOnly;
    this.model = model;
    this.manager = manager;
    this.arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
    this.arrays.values().forEach(array -> array.setName(Kernels.PARAMETER));
  }

  /** Fresh parameters: the same bytes for the same seed on every machine. */
  public static Parameters initialise(Model model, NDManager parent, long seed) {
    return from(model, initialTensors(model, seed), parent);
  }

  /** What {@link #initialise} starts from, without libtorch. */
  public static Map<String, HostTensor> initialTensors(Model model, long seed) {
    var out = new LinkedHashMap<String, HostTensor>();
    int index = 0;
    for (ParameterSpec spec : model.parameters()) {
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
   *     model's
   */
  public static Parameters fromSafetensors(Model model, NDManager parent, Path path)
      throws IOException {
    return from(model, read(model, path), parent);
  }

  /**
   * Maps the weights of a file without copying them where libtorch runs on the processor: for
   * sampling. They cannot be trained, and the file must not be cut short meanwhile.
   *
   * @throws SafetensorsException as {@link #fromSafetensors}
   */
  public static Parameters mapSafetensors(Model model, NDManager parent, Path path)
      throws IOException {
    return sharing(model, read(model, path), parent);
  }

  /**
   * Parameters in the very memory of {@code tensors} where libtorch runs on the processor, and in a
   * copy elsewhere. They cannot be trained, and must be closed before that memory is gone.
   *
   * @throws IllegalArgumentException when the tensors are not exactly this model's
   */
  public static Parameters sharing(Model model, Map<String, HostTensor> tensors, NDManager parent) {
    requireMatch(model, tensors);
    NDManager manager = parent.newSubManager();
    return new Parameters(model, manager, shared(model, tensors, manager), true);
  }

  /**
   * The tensors of a file under this model's names, mapped for as long as {@code arena} is open.
   *
   * @throws SafetensorsException as {@link #fromSafetensors}
   */
  public static Map<String, HostTensor> mapTensors(Model model, Path path, Arena arena)
      throws IOException {
    return matching(model, path, Safetensors.map(path, arena).tensors());
  }

  /**
   * Looks whether a file holds exactly a model's weights, without loading them.
   *
   * @throws SafetensorsException as {@link #fromSafetensors}
   */
  public static void requireFits(Model model, Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Map<String, HostTensor> found = Safetensors.map(path, arena).tensors();
      boolean half = model.widens();
      requireNoFaults(path, mismatches(model, half ? found : model.adapted(found), half));
    }
  }

  /**
   * A copy of tensors in plain memory.
   *
   * @throws IllegalArgumentException when the tensors are not exactly this model's
   */
  public static Parameters from(Model model, Map<String, HostTensor> tensors, NDManager parent) {
    requireMatch(model, tensors);
    NDManager manager = parent.newSubManager();
    var arrays = new LinkedHashMap<String, NDArray>();
    try (NDManager scratch = manager.newSubManager()) {
      shared(model, tensors, scratch)
          .forEach((name, array) -> {
            NDArray copy = array.duplicate();
            copy.attach(manager);
            arrays.put(name, copy);
          });
    }
    return new Parameters(model, manager, arrays, false);
  }

  /** Writes float32 weights under their names. The file appears whole or not at all. */
  public void toSafetensors(Path path, Map<String, String> metadata) throws IOException {
    new Safetensors(snapshot(), metadata).write(path);
  }

  /** A copy of every parameter in plain memory, which stays as it is while training goes on. */
  public Map<String, HostTensor> snapshot() {
    return snapshot(Arena.ofAuto());
  }

  /** As {@link #snapshot()}, in memory of {@code arena}: unreadable once that is closed. */
  public Map<String, HostTensor> snapshot(Arena arena) {
    var out = new LinkedHashMap<String, HostTensor>();
    arrays.forEach((name, array) -> out.put(name, HostTensors.copyOf(array, arena)));
    return out;
  }

  /**
   * Takes over the values of {@code tensors}.
   *
   * @throws IllegalArgumentException when the tensors are not exactly this model's
   */
  public void assign(Map<String, HostTensor> tensors) {
    requireMatch(model, tensors);
    Torch.withoutGradients(() -> {
      try (NDManager scratch = manager.newSubManager()) {
        // In place: others hold the same memory, and DJL's own copyTo would give this array
        // another.
        List<NDArray> from = List.copyOf(shared(model, tensors, scratch).values());
        from.forEach(array -> array.setName(Kernels.SOURCE));
        Kernels.copyAll(from, List.copyOf(arrays.values()));
        return true;
      }
    });
  }

  /** An independent copy that needs no gradients. */
  public Parameters copy(NDManager parent) {
    return from(model, snapshot(), parent);
  }

  public Model model() {
    return model;
  }

  /**
   * The network whose parameters these are.
   *
   * @throws IllegalStateException when they are those of another {@link Model}
   */
  public Network network() {
    if (model instanceof Network network) {
      return network;
    }
    throw new IllegalStateException("these parameters are no network's, but those of " + model);
  }

  /** The parameter of that name. */
  public NDArray get(String name) {
    NDArray array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("the model has no parameter '" + name + "'");
    }
    return array;
  }

  /** Every parameter whose name starts with {@code layer} and a dot, in the model's order. */
  public List<NDArray> layer(String layer) {
    return layers.computeIfAbsent(layer, this::findLayer);
  }

  public Map<String, NDArray> arrays() {
    return arrays;
  }

  /** The parameters that training moves, by name. */
  public Map<String, NDArray> trainable() {
    var out = new LinkedHashMap<String, NDArray>();
    for (ParameterSpec spec : model.parameters()) {
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
      throw new IllegalArgumentException("the model has no layer '" + layer + "'");
    }
    return List.copyOf(out);
  }

  private static Map<String, HostTensor> read(Model model, Path path) throws IOException {
    return matching(model, path, Safetensors.map(path).tensors());
  }

  private static Map<String, HostTensor> matching(
      Model model, Path path, Map<String, HostTensor> found) throws SafetensorsException {
    Map<String, HostTensor> tensors = model.adapted(found);
    requireNoFaults(path, mismatches(model, tensors, false));
    return tensors;
  }

  private static void requireNoFaults(Path path, List<String> faults) throws SafetensorsException {
    if (!faults.isEmpty()) {
      throw new SafetensorsException(
          SafetensorsException.Reason.FOREIGN_WEIGHTS,
          path + " does not hold this model's weights: " + summary(faults));
    }
  }

  private static Map<String, NDArray> shared(
      Model model, Map<String, HostTensor> tensors, NDManager manager) {
    var arrays = new LinkedHashMap<String, NDArray>();
    for (ParameterSpec spec : model.parameters()) {
      HostTensor tensor = requireNonNull(tensors.get(spec.name()));
      arrays.put(spec.name(), HostTensors.toArray(manager, tensor));
    }
    return arrays;
  }

  private static void requireMatch(Model model, Map<String, HostTensor> tensors) {
    List<String> faults = mismatches(model, tensors, false);
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException("not this model's weights: " + summary(faults));
    }
  }

  private static List<String> mismatches(
      Model model, Map<String, HostTensor> tensors, boolean half) {
    var faults = new ArrayList<String>();
    var extra = new LinkedHashMap<>(tensors);
    for (ParameterSpec spec : model.parameters()) {
      HostTensor tensor = extra.remove(spec.name());
      if (tensor == null) {
        faults.add("missing " + spec.name());
        continue;
      }
      Shape shape = new Shape(tensor.shape().stream().mapToLong(Long::longValue).toArray());
      boolean readable =
          tensor.type() == ElementType.F32
              || (half && (tensor.type() == ElementType.F16 || tensor.type() == ElementType.BF16));
      if (!readable || !shape.equals(spec.shape())) {
        faults.add(
            "%s is %s%s, not F32%s"
                .formatted(spec.name(), tensor.type(), tensor.shape(), spec.shape()));
      }
    }
    extra.keySet().forEach(name -> faults.add("unknown " + name));
    return faults;
  }

  private static String summary(List<String> faults) {
    int shown = Math.min(MAX_FAULTS_SHOWN, faults.size());
    String text = String.join("; ", faults.subList(0, shown));
    return shown < faults.size() ? text + "; and " + (faults.size() - shown) + " more" : text;
  }
}
