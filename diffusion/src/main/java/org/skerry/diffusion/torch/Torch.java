package org.skerry.diffusion.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * Starts libtorch and runs code with or without gradients.
 *
 * <p>libtorch keeps the gradient mode and the graph executor's switch per native thread, so tensor
 * code runs on platform threads; a virtual thread could change its carrier between two calls.
 */
public final class Torch {
  private static final String ENGINE = "PyTorch";

  private Torch() {}

  /**
   * Starts the engine, offline and without telemetry, unless it already runs.
   *
   * @throws ai.djl.engine.EngineException when libtorch does not load on this machine
   */
  public static void start() {
    Holder.ENGINE_STARTED.getVersion();
  }

  /** A new root manager on the processor; the caller closes it and with it every array in it. */
  public static NDManager newManager() {
    return newManager(Device.cpu());
  }

  /** A new root manager on {@code device}. */
  public static NDManager newManager(Device device) {
    start();
    return NDManager.newBaseManager(device, ENGINE);
  }

  /** Sets how many threads one operation may use, in this process. */
  public static void threads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("thread count " + count + " is less than 1");
    }
    start();
    JniUtils.setNumThreads(count);
  }

  /** How many threads one operation may use. */
  public static int threads() {
    start();
    return JniUtils.getNumThreads();
  }

  /**
   * Computes a scalar loss with gradients and accumulates its gradient in every parameter that asks
   * for one.
   *
   * @param step the manager of this training step, which owns what the loss leaves behind
   * @return the loss, a scalar
   */
  public static NDArray backward(NDManager step, Supplier<NDArray> loss) {
    return Backpropagation.PLAIN.run(step, loss);
  }

  static NDArray backward(NDManager step, Supplier<NDArray> loss, double scale) {
    start();
    return backward(loss, step.full(new Shape(), (float) scale));
  }

  /** Computes a value and goes back from it with the gradient that arrived there. */
  static NDArray backward(Supplier<NDArray> value, NDArray gradient) {
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(true);
    try {
      NDArray result = value.get();
      JniUtils.backward((PtNDArray) result, (PtNDArray) gradient, false, false);
      return result;
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  /** Runs {@code body} without recording gradients: for evaluation, sampling and updates. */
  public static <T> T withoutGradients(Supplier<T> body) {
    start();
    boolean before = JniUtils.isGradMode();
    JniUtils.setGradMode(false);
    try {
      return body.get();
    } finally {
      JniUtils.setGradMode(before);
    }
  }

  private static final class Holder {
    static final Engine ENGINE_STARTED = started();

    private static Engine started() {
      // Without these two, engine start asks a server for native files and reports usage.
      System.setProperty("ai.djl.offline", "true");
      System.setProperty("OPT_OUT_TRACKING", "true");
      return Engine.getEngine(ENGINE);
    }
  }
}
