package org.skerry.router;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Model;
import org.skerry.diffusion.ParameterSpec;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.safetensors.HostTensor;

/**
 * Experts in three tiers: files, memory, and the device where that is another. Memory and device
 * hold what fits their budgets, the least recently used leaves first, and one expert is always let
 * in, however large. The pages of an expert that is wanted next are read by a thread of their own.
 * Otherwise one thread at a time.
 */
public final class ExpertCache implements AutoCloseable {
  private final NDManager manager;
  private final boolean onProcessor;
  private final Tier<InMemory> memory;
  private final Tier<Parameters> device;
  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("expert-pages").factory());
  private long loads;

  /**
   * @param parent whose device the experts run on
   * @param memoryBudget bytes that weights in memory may take
   * @param deviceBudget bytes that weights may take on a device other than the processor
   */
  public ExpertCache(NDManager parent, long memoryBudget, long deviceBudget) {
    this(
        parent,
        memoryBudget,
        deviceBudget,
        parent.getDevice().getDeviceType().equals(Device.Type.CPU));
  }

  /**
   * @param onProcessor whether weights are used where they lie in memory
   */
  ExpertCache(NDManager parent, long memoryBudget, long deviceBudget, boolean onProcessor) {
    this.onProcessor = onProcessor;
    memory = new Tier<>("memory", memoryBudget, InMemory::sizeBytes);
    device = new Tier<>("device", deviceBudget, parameters -> sizeBytes(parameters.model()));
    manager = parent.newSubManager();
  }

  /** The expert whose weights a file holds; they are read when it is first used or prepared. */
  public Expert expert(Model model, Path weights) {
    return new Expert(model, weights);
  }

  /** How often weights were brought into memory. */
  public long loads() {
    return loads;
  }

  /** What the weights in memory take. */
  public long memoryBytes() {
    return memory.usedBytes;
  }

  /** What the weights on a device other than the processor take. */
  public long deviceBytes() {
    return device.usedBytes;
  }

  @Override
  public void close() {
    device.clear();
    memory.clear();
    reader.close();
    manager.close();
  }

  /** One expert of this cache. */
  public final class Expert {
    private final Model model;
    private final Path weights;

    private Expert(Model model, Path weights) {
      this.model = model;
      this.weights = weights;
    }

    public Model model() {
      return model;
    }

    /** Its parameters, until another expert is used or prepared. */
    public Parameters parameters() {
      return ExpertCache.this.parameters(model, weights);
    }

    /**
     * A field of it.
     *
     * @param of its parameters, which are others whenever it had to leave meanwhile
     */
    public VelocityField field(Function<Parameters, VelocityField> of) {
      return new VelocityField() {
        @Override
        public NDArray at(NDArray x, NDArray t) {
          return of.apply(parameters()).at(x, t);
        }

        @Override
        public void prepare() {
          ExpertCache.this.prepare(model, weights);
        }
      };
    }
  }

  private Parameters parameters(Model model, Path weights) {
    if (onProcessor) {
      return inMemory(model, weights).parameters;
    }
    Parameters there = device.get(weights);
    if (there == null) {
      device.makeRoom(sizeBytes(model));
      there = inMemory(model, weights).parameters.copy(manager);
      device.put(weights, there);
    }
    return there;
  }

  /** Only beside what was used or prepared last: that one is about to be needed. */
  private void prepare(Model model, Path weights) {
    if (memory.get(weights) == null && memory.fitsBesideNewest(sizeBytes(model))) {
      inMemory(model, weights).readAhead(reader);
    }
  }

  private InMemory inMemory(Model model, Path weights) {
    InMemory present = memory.get(weights);
    if (present == null) {
      memory.makeRoom(sizeBytes(model));
      present = InMemory.map(model, weights, manager);
      memory.put(weights, present);
      loads++;
    }
    return present;
  }

  private static long sizeBytes(Model model) {
    return Float.BYTES * model.parameters().stream().mapToLong(ParameterSpec::size).sum();
  }

  /** A mapped file, and parameters that lie in it where the processor is the device. */
  private static final class InMemory implements AutoCloseable {
    private final Arena arena;
    private final Map<String, HostTensor> tensors;
    private final Parameters parameters;
    private @Nullable CompletableFuture<Void> reading;

    private InMemory(Arena arena, Map<String, HostTensor> tensors, Parameters parameters) {
      this.arena = arena;
      this.tensors = tensors;
      this.parameters = parameters;
    }

    static InMemory map(Model model, Path weights, NDManager manager) {
      Arena arena = Arena.ofShared();
      try {
        Map<String, HostTensor> tensors = Parameters.mapTensors(model, weights, arena);
        return new InMemory(arena, tensors, Parameters.sharing(model, tensors, manager));
      } catch (IOException e) {
        arena.close();
        throw new UncheckedIOException(e.getMessage(), e);
      } catch (RuntimeException e) {
        arena.close();
        throw e;
      }
    }

    void readAhead(ExecutorService reader) {
      reading =
          CompletableFuture.runAsync(
              () ->
                  tensors.values().forEach(tensor -> MemorySegment.ofBuffer(tensor.data()).load()),
              reader);
    }

    long sizeBytes() {
      return ExpertCache.sizeBytes(parameters.model());
    }

    @Override
    public void close() {
      if (reading != null) {
        reading.join();
      }
      parameters.close();
      arena.close();
    }
  }

  /** What lies in one place, under its budget. */
  private static final class Tier<W extends AutoCloseable> {
    private final Map<Path, W> held = new LinkedHashMap<>(16, 0.75f, true);
    private final long budgetBytes;
    private final ToLongFunction<W> sizeBytes;
    private long usedBytes;
    private long newestBytes;

    Tier(String name, long budgetBytes, ToLongFunction<W> sizeBytes) {
      if (budgetBytes < 0) {
        throw new IllegalArgumentException(
            "%s budget of %d bytes is negative".formatted(name, budgetBytes));
      }
      this.budgetBytes = budgetBytes;
      this.sizeBytes = sizeBytes;
    }

    /** What is held of a file, which is the newest then. */
    @Nullable W get(Path file) {
      W found = held.get(file);
      if (found != null) {
        newestBytes = sizeBytes.applyAsLong(found);
      }
      return found;
    }

    boolean fitsBesideNewest(long bytes) {
      return newestBytes + bytes <= budgetBytes;
    }

    void put(Path file, W weights) {
      held.put(file, weights);
      newestBytes = sizeBytes.applyAsLong(weights);
      usedBytes += newestBytes;
    }

    void makeRoom(long bytes) {
      var oldestFirst = held.values().iterator();
      while (usedBytes + bytes > budgetBytes && oldestFirst.hasNext()) {
        W oldest = oldestFirst.next();
        usedBytes -= sizeBytes.applyAsLong(oldest);
        close(oldest);
        oldestFirst.remove();
      }
    }

    void clear() {
      held.values().forEach(Tier::close);
      held.clear();
      usedBytes = 0;
      newestBytes = 0;
    }

    private static void close(AutoCloseable weights) {
      try {
        weights.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
