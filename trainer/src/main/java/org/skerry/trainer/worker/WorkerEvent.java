package org.skerry.trainer.worker;

import tools.jackson.databind.JsonNode;

/** What a parent learns while a job runs. */
public sealed interface WorkerEvent {
  /**
   * A worker process runs.
   *
   * @param pid its id
   * @param deaths of workers under this job so far
   */
  record Launched(long pid, int deaths) implements WorkerEvent {}

  /** The job told something: {@code name} says what, {@code data} is its JSON. */
  record FromJob(String name, JsonNode data) implements WorkerEvent {}

  /**
   * The worker process ended before its job did; another follows.
   *
   * @param how as {@code "killed by signal 9"}
   * @param backoffMs until the next start
   */
  record Died(long pid, String how, long backoffMs) implements WorkerEvent {}
}
