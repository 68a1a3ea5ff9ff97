package org.skerry.trainer.worker;

import tools.jackson.databind.JsonNode;

/**
 * Runs one kind of job inside the worker process. A job that may be interrupted by the death of its
 * process keeps what it needs on disk: it is started again with the same configuration.
 */
@FunctionalInterface
public interface JobHandler {
  /**
   * Runs the job on the calling platform thread.
   *
   * @param config as the parent sent it
   * @return the result, a value that Jackson can write
   * @throws Exception to end the job as failed; the message reaches the parent
   */
  Object run(JsonNode config, JobContext context) throws Exception;
}
