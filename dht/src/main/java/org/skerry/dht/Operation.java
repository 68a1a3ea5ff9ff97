package org.skerry.dht;

import java.util.List;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.dht.wire.KadMessage;

/**
 * Something a node wants of others, in any number of requests. Sans-IO: whoever drives it sends
 * what {@link #next} asks for, tells how each request ended, and asks again until it is done.
 *
 * <p>Not thread-safe: one owner at a time.
 */
public interface Operation {
  /** A request to one peer; each object stands for one sending. */
  record Ask(PeerAddresses peer, KadMessage request) {}

  /** What to send now; to be asked at the start, after each answer, and every now and then. */
  List<Ask> next(long nowMs);

  /**
   * Takes a reply.
   *
   * @param reply of the request's type; the request itself where its type has no reply
   */
  void answered(Ask ask, KadMessage reply, long nowMs);

  /** A request was not delivered, refused, or not answered in time. */
  void failed(Ask ask, long nowMs);

  /** The time for this step of it is over: it goes on with what it has, or is done. */
  void timeUp();

  /** Whether nothing is left to send or to wait for. */
  boolean isDone();

  /**
   * Called once, when it is done.
   *
   * @return what is to be done in the background now
   */
  default List<Operation> finish(long nowMs) {
    return List.of();
  }
}
