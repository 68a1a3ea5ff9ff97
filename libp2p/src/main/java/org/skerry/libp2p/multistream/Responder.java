package org.skerry.libp2p.multistream;

import java.util.Collection;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The side that accepts.
 *
 * <pre>
 * state      message             becomes    step
 * HEADER     header              OPEN       Send(header)
 * OPEN       a served protocol   over       Selected, echoing it
 * OPEN       ls                  OPEN       Send(list)
 * OPEN       another name        OPEN       Send(na), at most MAX_PROPOSALS times
 * any        anything else       over       Rejected
 * </pre>
 */
public final class Responder implements Negotiation {
  /** The most names and {@code ls} that one negotiation may take. */
  public static final int MAX_PROPOSALS = 16;

  private final Supplier<? extends Collection<String>> served;
  private boolean headerSeen;
  private int proposals;

  /**
   * @param served the protocols served at the moment of the proposal
   */
  public Responder(Supplier<? extends Collection<String>> served) {
    this.served = served;
  }

  /** Nothing: the responder's header answers the initiator's. */
  @Override
  public byte[] start() {
    return new byte[0];
  }

  @Override
  public Step receive(byte[] message) {
    Optional<String> line = MultistreamMessages.line(message);
    if (line.isEmpty()) {
      return new Step.Rejected(Violation.BAD_MESSAGE, "a message of " + message.length + " bytes");
    }
    if (!headerSeen) {
      headerSeen = true;
      return line.get().equals(MultistreamMessages.HEADER)
          ? send(MultistreamMessages.encode(MultistreamMessages.HEADER))
          : new Step.Rejected(Violation.BAD_HEADER, "the stream starts with another header");
    }
    if (++proposals > MAX_PROPOSALS) {
      return new Step.Rejected(
          Violation.TOO_MANY_PROPOSALS, "more than " + MAX_PROPOSALS + " proposals");
    }
    String name = line.get();
    if (name.equals(MultistreamMessages.LIST)) {
      return send(MultistreamMessages.encodeList(served.get()));
    }
    return served.get().contains(name)
        ? new Step.Selected(name, new Bytes(MultistreamMessages.encode(name)))
        : send(MultistreamMessages.encode(MultistreamMessages.NOT_AVAILABLE));
  }

  private static Step send(byte[] messages) {
    return new Step.Send(new Bytes(messages));
  }
}
