package org.skerry.node.serve;

import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import org.skerry.node.NodeException;

/**
 * One call that this server answers.
 *
 * @param path with {@code {name}} for what varies
 * @param maxBytes of the body
 * @param open whether it needs no token
 */
record Endpoint(HttpMethod method, String path, int maxBytes, boolean open, Handler handler) {
  /** Enough for every call without pictures. */
  static final int SMALL = 128 << 10;

  /** Enough for a picture in base 64. */
  static final int WITH_PICTURE = 10 << 20;

  /** Answers one call; may block, on a virtual thread. */
  @FunctionalInterface
  interface Handler {
    HttpResponse answer(Call call) throws CallException, NodeException, InterruptedException;
  }

  static Endpoint get(String path, Handler handler) {
    return new Endpoint(HttpMethod.GET, path, SMALL, false, handler);
  }

  static Endpoint post(String path, int maxBytes, Handler handler) {
    return new Endpoint(HttpMethod.POST, path, maxBytes, false, handler);
  }

  /** The same, for callers without a token too. */
  Endpoint forAnybody() {
    return new Endpoint(method, path, maxBytes, true, handler);
  }
}
