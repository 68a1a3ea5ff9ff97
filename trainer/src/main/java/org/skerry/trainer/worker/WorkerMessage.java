package org.skerry.trainer.worker;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import tools.jackson.databind.JsonNode;

/** What goes over the worker's pipe, one message a frame (docs/PROTOCOL.md, section 7). */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
  @JsonSubTypes.Type(value = WorkerMessage.Start.class, name = "start"),
  @JsonSubTypes.Type(value = WorkerMessage.Pause.class, name = "pause"),
  @JsonSubTypes.Type(value = WorkerMessage.Resume.class, name = "resume"),
  @JsonSubTypes.Type(value = WorkerMessage.Duty.class, name = "duty"),
  @JsonSubTypes.Type(value = WorkerMessage.Snapshot.class, name = "snapshot"),
  @JsonSubTypes.Type(value = WorkerMessage.Stop.class, name = "stop"),
  @JsonSubTypes.Type(value = WorkerMessage.Hello.class, name = "hello"),
  @JsonSubTypes.Type(value = WorkerMessage.Event.class, name = "event"),
  @JsonSubTypes.Type(value = WorkerMessage.Done.class, name = "done"),
  @JsonSubTypes.Type(value = WorkerMessage.Failed.class, name = "failed"),
})
sealed interface WorkerMessage {
  /**
   * To the worker: begin a job; one at a time.
   *
   * @param crashed whether the process before this one ended by itself under the same job
   */
  record Start(long job, String kind, boolean crashed, JsonNode config) implements WorkerMessage {}

  /** To the worker: stop at a checkpoint and wait. */
  record Pause() implements WorkerMessage {}

  /** To the worker: go on. */
  record Resume() implements WorkerMessage {}

  /** To the worker: compute only so many percent (1 to 100) of the time. */
  record Duty(int percent) implements WorkerMessage {}

  /** To the worker: set the state aside as files to publish. */
  record Snapshot() implements WorkerMessage {}

  /** To the worker: end the job at a checkpoint. */
  record Stop() implements WorkerMessage {}

  /** From the worker, first. */
  record Hello(int version, long pid) implements WorkerMessage {}

  /** From the worker: something a job tells while it runs. */
  record Event(long job, String name, JsonNode data) implements WorkerMessage {}

  /** From the worker: the job's result. */
  record Done(long job, JsonNode result) implements WorkerMessage {}

  /** From the worker: the job ended without a result; running it again would fail again. */
  record Failed(long job, String reason, String message) implements WorkerMessage {}
}
