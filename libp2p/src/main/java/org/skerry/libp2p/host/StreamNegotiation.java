package org.skerry.libp2p.host;

import java.nio.ByteBuffer;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.multistream.MultistreamMessages;
import org.skerry.libp2p.multistream.Negotiation;
import org.skerry.libp2p.multistream.Negotiation.Step;

/** Runs a {@link Negotiation} over a blocking stream. */
final class StreamNegotiation {
  private StreamNegotiation() {}

  static void start(Negotiation negotiation, Stream stream) throws Libp2pException {
    stream.write(ByteBuffer.wrap(negotiation.start()));
  }

  /** Reads and answers until a protocol is chosen; reads no byte beyond. */
  static String finish(Negotiation negotiation, Stream stream) throws Libp2pException {
    while (true) {
      Step step = negotiation.receive(stream.readMessage(MultistreamMessages.MAX_BYTES));
      switch (step) {
        case Step.Wait() -> {}
        case Step.Send(Negotiation.Bytes messages) ->
            stream.write(ByteBuffer.wrap(messages.array()));
        case Step.Selected(String protocol, Negotiation.Bytes messages) -> {
          stream.write(ByteBuffer.wrap(messages.array()));
          return protocol;
        }
        case Step.Unsupported() ->
            throw new Libp2pException(
                Reason.PROTOCOL_UNSUPPORTED,
                "peer " + stream.remotePeer().shortText() + " speaks none of what was proposed");
        case Step.Rejected(Negotiation.Violation violation, String detail) ->
            throw new Libp2pException(
                Reason.PROTOCOL_VIOLATION,
                "multistream with peer " + stream.remotePeer().shortText() + ": " + detail);
      }
    }
  }
}
