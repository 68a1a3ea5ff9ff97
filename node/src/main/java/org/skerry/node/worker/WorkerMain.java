package org.skerry.node.worker;

import java.util.HashMap;
import java.util.Map;
import org.skerry.node.generate.PictureJobConfig;
import org.skerry.node.log.Logging;
import org.skerry.node.study.StudyJob;
import org.skerry.trainer.worker.JobHandler;
import org.skerry.trainer.worker.WorkerServer;

/** The worker process of a node: the trainer's jobs and those of this package. */
public final class WorkerMain {
  private WorkerMain() {}

  static Map<String, JobHandler> handlers() {
    Map<String, JobHandler> handlers =
        new HashMap<>(org.skerry.trainer.worker.WorkerMain.handlers());
    handlers.put(EvaluateAllJob.KIND, new EvaluateAllJob());
    handlers.put(PictureJobConfig.KIND, new PictureJob());
    handlers.put(StudyJob.KIND, new StudyJob());
    return handlers;
  }

  public static void main(String[] arguments) {
    // Standard output carries frames: what a logger prints as it starts must not be the first.
    System.setOut(System.err);
    Logging.toStandardError();
    WorkerServer.serveAndExit(handlers());
  }
}
