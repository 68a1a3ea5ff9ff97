package org.skerry.libp2p.autonat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.wire.AutonatV1Wire.Message;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.Dial;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.DialResponse;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.MessageType;
import org.skerry.libp2p.wire.AutonatV1Wire.Message.ResponseStatus;

/**
 * Serves those who speak version 1 only. It dials a client where its request comes from, and
 * nowhere else.
 */
final class AutonatV1Server {
  private static final int MAX_DIALS = 4;
  private static final Duration DIAL_TIME = Duration.ofSeconds(5);

  private final AutonatServer server;

  AutonatV1Server(AutonatServer server) {
    this.server = server;
  }

  void serve(Stream stream) throws Libp2pException {
    AutonatServer.limitTime(stream);
    Message message = AutonatMessages.read(stream, Message.parser(), AutonatMessages.MAX_BYTES);
    PeerId client = stream.remotePeer();
    if (message.getType() != MessageType.DIAL || !isOf(client, message.getDial())) {
      answer(stream, refusal(ResponseStatus.E_BAD_REQUEST, "no dial of your own addresses"));
      return;
    }
    List<Multiaddr> addresses =
        message.getDial().getPeer().getAddrsList().stream()
            .limit(AutonatServer.MAX_ADDRESSES)
            .flatMap(bytes -> server.dialable(bytes).stream())
            .filter(address -> AutonatServer.isWhere(stream, address))
            .distinct()
            .limit(MAX_DIALS)
            .toList();
    if (addresses.isEmpty()) {
      answer(stream, refusal(ResponseStatus.E_DIAL_REFUSED, "no address that is dialled"));
      return;
    }
    Optional<String> place = server.admit(stream);
    if (place.isEmpty()) {
      answer(stream, refusal(ResponseStatus.E_DIAL_REFUSED, "too many dials"));
      return;
    }
    DialResponse.Builder response;
    try {
      response = dial(client, addresses);
    } finally {
      server.leave(place.get());
    }
    answer(stream, response);
  }

  /** Whether the addresses are said to be of who asks. */
  private static boolean isOf(PeerId client, Dial dial) {
    return dial.hasPeer()
        && (!dial.getPeer().hasId()
            || dial.getPeer().getId().equals(ByteString.copyFrom(client.bytes())));
  }

  private DialResponse.Builder dial(PeerId client, List<Multiaddr> addresses) {
    for (Multiaddr address : addresses) {
      if (server.dialler().reaches(client, address, DIAL_TIME)) {
        return DialResponse.newBuilder()
            .setStatus(ResponseStatus.OK)
            .setAddr(ByteString.copyFrom(address.bytes()));
      }
    }
    return refusal(ResponseStatus.E_DIAL_ERROR, "nobody answered");
  }

  private static DialResponse.Builder refusal(ResponseStatus status, String why) {
    return DialResponse.newBuilder().setStatus(status).setStatusText(why);
  }

  private static void answer(Stream stream, DialResponse.Builder response) throws Libp2pException {
    stream.writeMessage(
        Message.newBuilder()
            .setType(MessageType.DIAL_RESPONSE)
            .setDialResponse(response)
            .build()
            .toByteArray());
  }
}
