package org.skerry.libp2p.multistream;

import java.util.Arrays;

/** One side of a negotiation, without any IO: whole messages in, {@link Step}s out. */
public sealed interface Negotiation permits Initiator, Responder {
  /** What this side sends before it has received anything. */
  byte[] start();

  /** Handles one message, without its length prefix. */
  Step receive(byte[] message);

  /** What to do next. */
  sealed interface Step {
    /** Wait for the next message. */
    record Wait() implements Step {}

    /** Send {@code messages} (their length prefixes stand inside) and wait. */
    record Send(Bytes messages) implements Step {}

    /** Send {@code messages}, which may be empty; all later bytes belong to {@code protocol}. */
    record Selected(String protocol, Bytes messages) implements Step {}

    /** The other side speaks none of the protocols that were proposed. */
    record Unsupported() implements Step {}

    /** The other side broke the rules: close the stream. */
    record Rejected(Violation violation, String detail) implements Step {}
  }

  /** How a negotiation was broken; metrics count these. */
  enum Violation {
    /** A message is empty, over {@link MultistreamMessages#MAX_BYTES}, or without its newline. */
    BAD_MESSAGE,
    /** The first message is not {@code /multistream/1.0.0}. */
    BAD_HEADER,
    /** The answer is neither the proposal nor {@code na}. */
    BAD_ANSWER,
    /** More proposals than {@link Responder#MAX_PROPOSALS}. */
    TOO_MANY_PROPOSALS
  }

  /** Bytes to send, compared by content. */
  final class Bytes {
    static final Bytes NONE = new Bytes(new byte[0]);

    private final byte[] bytes;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    public byte[] array() {
      return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes);
    }
  }
}
