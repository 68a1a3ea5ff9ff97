package org.skerry.libp2p;

import java.io.IOException;

/** Serves inbound streams of one protocol; each call has a virtual thread of its own. */
@FunctionalInterface
public interface StreamHandler {
  /** Serves {@code stream}, which the host closes on return and resets on an exception. */
  void handle(Stream stream) throws IOException;
}
