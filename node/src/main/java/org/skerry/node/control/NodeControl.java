package org.skerry.node.control;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.transfer.ChunkSource;

/** What the owner can ask of a running daemon. Thread-safe. */
public interface NodeControl {
  NodeStatus status();

  /**
   * Pauses computing at the end of its step; returns when it is checkpointed and idle. Also after a
   * restart of the daemon it goes on only when {@code time} is over or the owner resumes.
   *
   * @param time after which it ends by itself, if ever
   */
  NodeStatus pause(Optional<Duration> time) throws NodeException;

  /** Ends the owner's pause; other conditions of his may still not hold. */
  NodeStatus resume() throws NodeException;

  /**
   * Ends the daemon when the unit in training is finished and its weights are accepted; nothing new
   * is begun.
   *
   * @param time after which the unit is handed to others instead, if ever
   */
  NodeStatus finish(Optional<Duration> time);

  List<PeerStatus> peers();

  List<TaskStatus> tasks();

  /**
   * Publishes the task of a folder that {@code skerry task create} wrote, and serves it from now
   * on.
   */
  TaskStatus publish(Path folder) throws NodeException;

  /** Takes a published task back. */
  void withdraw(String task) throws NodeException;

  /** Says again, now, what is known about publishers' keys. */
  void announceKeys() throws NodeException;

  /** Where blobs are read from. */
  ChunkSource.Finder blobs();

  /** Ends the daemon after this call has been answered. */
  void stop();
}
