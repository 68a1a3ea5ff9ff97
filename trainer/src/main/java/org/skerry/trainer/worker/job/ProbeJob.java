package org.skerry.trainer.worker.job;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.LibUtils;
import org.skerry.diffusion.torch.Torch;
import org.skerry.trainer.worker.JobContext;
import org.skerry.trainer.worker.JobHandler;
import tools.jackson.databind.JsonNode;

/** Loads libtorch and lets the device add two numbers: what has to work before anything else. */
public final class ProbeJob implements JobHandler {
  public static final String KIND = "probe";

  @Override
  public ProbeResult run(JsonNode json, JobContext context) {
    ProbeConfig config = context.config(json, ProbeConfig.class);
    try (NDManager manager = Torch.newManager(TorchDevice.parse(config.device()));
        NDArray one = manager.create(1f);
        NDArray sum = one.add(one)) {
      if (sum.getFloat() != 2) {
        throw new IllegalStateException(config.device() + " says that 1 + 1 is " + sum.getFloat());
      }
    }
    Engine engine = Engine.getEngine("PyTorch");
    return new ProbeResult(engine.getVersion(), LibUtils.getLibtorchPath(), engine.getGpuCount());
  }
}
