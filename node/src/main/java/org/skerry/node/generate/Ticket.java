package org.skerry.node.generate;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;

/** A request that was taken. Thread-safe. */
public final class Ticket {
  private final String id;
  private final PictureRequest request;
  private final Listener listener;
  private final ToIntFunction<Ticket> place;
  private final CompletableFuture<List<Picture>> pictures = new CompletableFuture<>();

  Ticket(String id, PictureRequest request, Listener listener, ToIntFunction<Ticket> place) {
    this.id = id;
    this.request = request;
    this.listener = listener;
    this.place = place;
  }

  /** Names this ticket, and no other of any maker. */
  public String id() {
    return id;
  }

  public PictureRequest request() {
    return request;
  }

  Listener listener() {
    return listener;
  }

  /** How many come before it, the running one included; 0 when it runs or is over. */
  public int position() {
    return place.applyAsInt(this);
  }

  /**
   * All pictures, in the order of their indexes. Fails with a {@link org.skerry.node.NodeException}
   * that says what is wrong and what to do, or with a {@link
   * java.util.concurrent.CancellationException}; cancelling it is the same as {@link #cancel}.
   */
  public CompletableFuture<List<Picture>> pictures() {
    return pictures;
  }

  /** A waiting request leaves the queue, a running one is ended within a step. Never blocks. */
  public void cancel() {
    pictures.cancel(false);
  }
}
