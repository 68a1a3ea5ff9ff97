package org.skerry.trainer.worker;

import java.io.IOException;
import org.skerry.trainer.training.TrainingControl;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** What a job may ask of the worker that runs it. */
public final class JobContext {
  private final TrainingControl control;
  private final boolean crashed;
  private final EventSink events;

  /** Where events go. */
  @FunctionalInterface
  interface EventSink {
    void emit(String name, JsonNode data) throws IOException;
  }

  JobContext(TrainingControl control, boolean crashed, EventSink events) {
    this.control = control;
    this.crashed = crashed;
    this.events = events;
  }

  /** Pause, resume and stop, as the parent wishes. */
  public TrainingControl control() {
    return control;
  }

  /**
   * Whether the process that had this job before ended by itself: it was not killed, and did not
   * say that the job had failed.
   */
  public boolean crashed() {
    return crashed;
  }

  /** Tells the parent something; {@code data} is a value that Jackson can write. */
  public void emit(String name, Object data) {
    try {
      events.emit(name, Frames.JSON.valueToTree(data));
    } catch (IOException e) {
      // The parent is gone; the reader of its pipe is about to end this process.
      throw new java.io.UncheckedIOException(e);
    }
  }

  /**
   * Reads a job's configuration strictly: unknown and missing values are refused.
   *
   * @throws IllegalArgumentException with what is wrong
   */
  public <T> T config(JsonNode config, Class<T> type) {
    try {
      return Frames.JSON.treeToValue(config, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("job configuration: " + e.getOriginalMessage(), e);
    }
  }
}
