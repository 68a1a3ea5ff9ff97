package org.skerry.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.skerry.diffusion.Batch;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.optimizer.AdamW;
import org.skerry.diffusion.optimizer.Optimizer;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.torch.Torch;

/** Steps in this process: gradient, clipping and AdamW of a loss. */
final class LibtorchSteps implements StepRunner {
  private static final double RATE = 1e-3;

  /** A loss of one batch, in the manager of the step. */
  @FunctionalInterface
  interface Loss {
    NDArray of(NDManager step, Network network, Parameters parameters, Batch batch);
  }

  private final NDManager manager;
  private final Network network;
  private final Parameters parameters;
  private final AdamW optimizer;
  private final List<Batch> batches;
  private final Loss loss;
  private int made;

  LibtorchSteps(
      DitCase shape, Map<String, HostTensor> weights, List<StepBatch> batches, Loss loss) {
    manager = Torch.newManager();
    network = Network.of(shape.config());
    parameters = Parameters.from(network, weights, manager);
    parameters.requiresGradient(true);
    optimizer = new AdamW(parameters, new Optimizer.Settings(0.9, 0.99, 1e-8, 0, 1));
    this.batches = batches.stream().map(batch -> batch.in(manager)).toList();
    this.loss = loss;
  }

  @Override
  public Cost run(int steps) {
    List<Double> losses = new ArrayList<>();
    double cpu = Cpu.seconds();
    long begin = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      Batch batch = batches.get(made++ % batches.size());
      try (NDManager step = manager.newSubManager()) {
        Supplier<NDArray> value = () -> loss.of(step, network, parameters, batch);
        losses.add((double) Torch.backward(step, value).getFloat());
        optimizer.step(RATE);
      }
    }
    return new Cost(Cpu.seconds() - cpu, (System.nanoTime() - begin) / 1e9, losses);
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
    manager.close();
  }
}
