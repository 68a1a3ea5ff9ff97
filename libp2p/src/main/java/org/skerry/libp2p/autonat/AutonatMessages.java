package org.skerry.libp2p.autonat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.wire.AutonatWire.Message;

/** Messages on streams: a varint length, then protobuf. */
final class AutonatMessages {
  /** Version 1, in which a dial proves nothing. */
  static final String V1 = "/libp2p/autonat/1.0.0";

  static final String DIAL_REQUEST = "/libp2p/autonat/2/dial-request";
  static final String DIAL_BACK = "/libp2p/autonat/2/dial-back";

  /** The data of a message that pays for a dial. */
  static final int MAX_DATA_BYTES = 4096;

  /** Any message of a dial request: addresses, or data. */
  static final int MAX_BYTES = 2 * MAX_DATA_BYTES;

  /** A nonce, or the answer to it. */
  static final int MAX_DIAL_BACK_BYTES = 64;

  private AutonatMessages() {}

  static Message read(Stream stream) throws Libp2pException {
    return read(stream, Message.parser(), MAX_BYTES);
  }

  static <T> T read(Stream stream, Parser<T> parser, int maxBytes) throws Libp2pException {
    try {
      return parser.parseFrom(stream.readMessage(maxBytes));
    } catch (InvalidProtocolBufferException e) {
      throw violation(stream, "no message of this protocol");
    }
  }

  static Libp2pException violation(Stream stream, String what) {
    return new Libp2pException(
        Reason.PROTOCOL_VIOLATION,
        stream.protocol() + ": peer " + stream.remotePeer().shortText() + " sends " + what);
  }
}
