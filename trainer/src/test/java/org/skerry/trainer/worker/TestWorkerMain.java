package org.skerry.trainer.worker;

import java.util.HashMap;
import java.util.Map;

/** A worker with jobs that misbehave, for tests. */
public final class TestWorkerMain {
  private TestWorkerMain() {}

  public static void main(String[] args) {
    Map<String, JobHandler> handlers = new HashMap<>(WorkerMain.handlers());
    handlers.put(
        "print",
        (config, context) -> {
          System.out.println("printed by Java");
          context.emit("said", Map.of("text", "between"));
          System.out.println("and again");
          return Map.of("pid", ProcessHandle.current().pid());
        });
    handlers.put("environment", (config, context) -> System.getenv());
    handlers.put(
        "die",
        (config, context) -> {
          Runtime.getRuntime().halt(9);
          return Map.of();
        });
    handlers.put(
        "refuse",
        (config, context) -> {
          throw new IllegalArgumentException("batch 0 is out of range");
        });
    handlers.put(
        "wait",
        (config, context) -> {
          context.emit("waiting", Map.of());
          Thread.sleep(600_000);
          return Map.of();
        });
    WorkerServer.serveAndExit(handlers);
  }
}
