package org.skerry.libp2p.multistream;

import java.util.List;
import java.util.Optional;

/**
 * The side that proposes.
 *
 * <p>The header and the first proposal go out together. With a single candidate the caller may send
 * application data right behind them, before the answer; {@link Step.Unsupported} then means that
 * the data fell on deaf ears.
 *
 * <pre>
 * state      message            becomes     step
 * HEADER     header             PROPOSED    Wait
 * PROPOSED   the proposal       over        Selected
 * PROPOSED   na, more to offer  PROPOSED    Send(next proposal)
 * PROPOSED   na, none left      over        Unsupported
 * any        anything else      over        Rejected
 * </pre>
 */
public final class Initiator implements Negotiation {
  private final List<String> protocols;
  private boolean headerSeen;
  private int proposed;

  /**
   * @param protocols what to propose, in this order
   */
  public Initiator(List<String> protocols) {
    this.protocols = List.copyOf(protocols);
    if (this.protocols.isEmpty()) {
      throw new IllegalArgumentException("nothing to propose");
    }
  }

  @Override
  public byte[] start() {
    return MultistreamMessages.encode(MultistreamMessages.HEADER, protocols.getFirst());
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
          ? new Step.Wait()
          : new Step.Rejected(Violation.BAD_HEADER, "the answer starts with another header");
    }
    String proposal = protocols.get(proposed);
    if (line.get().equals(proposal)) {
      return new Step.Selected(proposal, Bytes.NONE);
    }
    if (!line.get().equals(MultistreamMessages.NOT_AVAILABLE)) {
      return new Step.Rejected(Violation.BAD_ANSWER, "no answer to the proposal " + proposal);
    }
    if (++proposed == protocols.size()) {
      return new Step.Unsupported();
    }
    return new Step.Send(new Bytes(MultistreamMessages.encode(protocols.get(proposed))));
  }
}
