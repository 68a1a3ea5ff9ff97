package org.skerry.libp2p.autonat;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.wire.AutonatV1Wire.Message;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.Dial;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.DialResponse;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.MessageType;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.PeerInfo;

/**
 * Version 1's question whether a server can dial any of some addresses.
 *
 * @param asked without a peer id
 */
record AutonatV1Question(PeerId self, List<Multiaddr> asked) {
  Verdict ask(Stream stream) throws Libp2pException {
    PeerInfo.Builder peer = PeerInfo.newBuilder().setId(ByteString.copyFrom(self.bytes()));
    asked.forEach(address -> peer.addAddrs(ByteString.copyFrom(address.bytes())));
    stream.writeMessage(
        Message.newBuilder()
            .setType(MessageType.DIAL)
            .setDial(Dial.newBuilder().setPeer(peer))
            .build()
            .toByteArray());
    Message answer = AutonatMessages.read(stream, Message.parser(), AutonatMessages.MAX_BYTES);
    if (answer.getType() != MessageType.DIAL_RESPONSE || !answer.hasDialResponse()) {
      throw AutonatMessages.violation(stream, "no answer to a dial");
    }
    return verdict(answer.getDialResponse());
  }

  private Verdict verdict(DialResponse response) {
    if (!response.hasStatus()) {
      return new Verdict.Undecided("the server answers without a status");
    }
    return switch (response.getStatus()) {
      case OK ->
          dialled(response)
              .<Verdict>map(Verdict.Claimed::new)
              .orElse(new Verdict.Undecided("the server names no address that it was given"));
      case E_DIAL_ERROR ->
          asked.size() == 1
              ? new Verdict.Unreachable(asked.getFirst())
              : new Verdict.Undecided("the server reaches none of several addresses");
      case E_DIAL_REFUSED, E_BAD_REQUEST, E_INTERNAL_ERROR ->
          new Verdict.Undecided("the server answers " + response.getStatus());
    };
  }

  private Optional<Multiaddr> dialled(DialResponse response) {
    if (!response.hasAddr() && asked.size() == 1) {
      return Optional.of(asked.getFirst()); // it should name it, and need not
    }
    try {
      return Optional.of(Multiaddr.ofBytes(response.getAddr().toByteArray()).withoutPeerId())
          .filter(asked::contains);
    } catch (MultiformatException e) {
      return Optional.empty();
    }
  }
}
