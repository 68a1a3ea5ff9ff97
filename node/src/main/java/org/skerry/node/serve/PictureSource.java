package org.skerry.node.serve;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.skerry.node.generate.Listener;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.QueueFullException;

/** Makes pictures, one request after another. Thread-safe. */
public interface PictureSource {
  /** Takes a request, unless too many wait. */
  Order order(PictureRequest request, Listener listener) throws QueueFullException;

  /** How often a worker process had to be started again. */
  long restarts();

  /** A request that was taken. */
  interface Order {
    /** How many come before it, the running one included; 0 when it runs or is over. */
    int position();

    /**
     * Completes with the pictures, or exceptionally: with a {@link org.skerry.node.NodeException},
     * or when cancelled.
     */
    CompletableFuture<List<Picture>> pictures();

    /** Takes it back. Never blocks. */
    void cancel();
  }
}
