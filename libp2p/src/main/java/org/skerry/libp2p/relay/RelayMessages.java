package org.skerry.libp2p.relay;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import java.util.Optional;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.wire.RelayWire.HopMessage;
import org.skerry.libp2p.wire.RelayWire.Peer;
import org.skerry.libp2p.wire.RelayWire.Status;
import org.skerry.libp2p.wire.RelayWire.StopMessage;

/** Messages on streams: a varint length, then protobuf. */
final class RelayMessages {
  static final String HOP = "/libp2p/circuit/relay/0.2.0/hop";
  static final String STOP = "/libp2p/circuit/relay/0.2.0/stop";
  static final int MAX_BYTES = 4096;

  private RelayMessages() {}

  static HopMessage readHop(Stream stream) throws Libp2pException {
    return read(stream, HopMessage.parser());
  }

  static StopMessage readStop(Stream stream) throws Libp2pException {
    return read(stream, StopMessage.parser());
  }

  private static <T> T read(Stream stream, Parser<T> parser) throws Libp2pException {
    try {
      return parser.parseFrom(stream.readMessage(MAX_BYTES));
    } catch (InvalidProtocolBufferException e) {
      throw new Libp2pException(
          Reason.PROTOCOL_VIOLATION,
          stream.protocol() + ": peer " + stream.remotePeer().shortText() + " sends no message",
          e);
    }
  }

  static HopMessage.Builder hop(Status status) {
    return HopMessage.newBuilder().setType(HopMessage.Type.STATUS).setStatus(status);
  }

  static StopMessage stop(Status status) {
    return StopMessage.newBuilder().setType(StopMessage.Type.STATUS).setStatus(status).build();
  }

  static void write(Stream stream, HopMessage message) throws Libp2pException {
    stream.writeMessage(message.toByteArray());
  }

  static void write(Stream stream, StopMessage message) throws Libp2pException {
    stream.writeMessage(message.toByteArray());
  }

  static Peer peer(PeerId id) {
    return Peer.newBuilder().setId(ByteString.copyFrom(id.bytes())).build();
  }

  /** The peer that a message names; nothing when it names none. */
  static Optional<PeerId> id(Peer peer) {
    try {
      return Optional.of(PeerId.ofBytes(peer.getId().toByteArray()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
