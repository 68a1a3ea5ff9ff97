package org.skerry.dht.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.dht.routing.PeerAddresses;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.MultiformatException;

/**
 * The protobuf form of a {@link KadMessage}, read field by field so that a hostile message cannot
 * make more objects than the bounds here allow. Fields nobody needs are skipped, as protobuf asks;
 * peers with ids and addresses with protocols unknown to Skerry are skipped too, because other
 * implementations have more of them.
 */
public final class KadMessageCodec {
  /** Peers of one list that are read; the rest is skipped. */
  public static final int MAX_PEERS = 64;

  private static final int TYPE = 1;
  private static final int KEY = 2;
  private static final int RECORD = 3;
  private static final int CLOSER = 8;
  private static final int PROVIDERS = 9;

  private static final int RECORD_KEY = 1;
  private static final int RECORD_VALUE = 2;
  private static final int RECORD_TIME = 5;

  private static final int PEER_ID = 1;
  private static final int PEER_ADDRESS = 2;
  private static final int PEER_CONNECTION = 3;

  private KadMessageCodec() {}

  /** A message that is not one. */
  public static final class MalformedMessageException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedMessageException(String message) {
      super(message);
    }
  }

  /** Encodes {@code message}; the message type is always written, as js does not default it. */
  public static byte[] encode(KadMessage message) {
    return bytes(out -> {
      out.writeEnum(TYPE, message.type().ordinal());
      if (message.key().length > 0) {
        out.writeByteArray(KEY, message.key());
      }
      if (message.record().isPresent()) {
        out.writeByteArray(RECORD, encode(message.record().get()));
      }
      for (KadMessage.Peer peer : message.closer()) {
        out.writeByteArray(CLOSER, encode(peer));
      }
      for (KadMessage.Peer peer : message.providers()) {
        out.writeByteArray(PROVIDERS, encode(peer));
      }
    });
  }

  private static byte[] encode(KadMessage.Record record) {
    return bytes(out -> {
      out.writeByteArray(RECORD_KEY, record.key());
      out.writeByteArray(RECORD_VALUE, record.value());
      if (!record.timeReceived().isEmpty()) {
        out.writeString(RECORD_TIME, record.timeReceived());
      }
    });
  }

  private static byte[] encode(KadMessage.Peer peer) {
    return bytes(out -> {
      out.writeByteArray(PEER_ID, peer.id().bytes());
      for (Multiaddr address : peer.addresses()) {
        out.writeByteArray(PEER_ADDRESS, address.bytes());
      }
      out.writeEnum(PEER_CONNECTION, peer.connection().ordinal());
    });
  }

  @FunctionalInterface
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private static byte[] bytes(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException e) {
      throw new IllegalStateException("memory does not fail to take bytes", e);
    }
    return bytes.toByteArray();
  }

  /** Decodes what {@link #encode} or another implementation wrote. */
  public static KadMessage decode(byte[] bytes) throws MalformedMessageException {
    if (bytes.length > KadMessage.MAX_BYTES) {
      throw new MalformedMessageException("a message of " + bytes.length + " bytes");
    }
    try {
      return decodeMessage(CodedInputStream.newInstance(bytes));
    } catch (IOException e) {
      throw new MalformedMessageException("not a protobuf message: " + e.getMessage());
    }
  }

  private static KadMessage decodeMessage(CodedInputStream in)
      throws IOException, MalformedMessageException {
    int type = 0;
    byte[] key = new byte[0];
    Optional<KadMessage.Record> record = Optional.empty();
    List<KadMessage.Peer> closer = new ArrayList<>();
    List<KadMessage.Peer> providers = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case TYPE << 3 | WireFormat.WIRETYPE_VARINT -> type = in.readEnum();
        case KEY << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> key = in.readByteArray();
        case RECORD << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED ->
            record = Optional.of(decodeRecord(nested(in)));
        case CLOSER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> readPeer(in, closer);
        case PROVIDERS << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> readPeer(in, providers);
        default -> in.skipField(tag);
      }
    }
    KadMessage.Type[] types = KadMessage.Type.values();
    if (type < 0 || type >= types.length) {
      throw new MalformedMessageException("message type " + type + " is unknown");
    }
    return new KadMessage(types[type], key, record, closer, providers);
  }

  private static CodedInputStream nested(CodedInputStream in) throws IOException {
    return CodedInputStream.newInstance(in.readByteArray());
  }

  private static KadMessage.Record decodeRecord(CodedInputStream in) throws IOException {
    byte[] key = new byte[0];
    byte[] value = new byte[0];
    String time = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case RECORD_KEY << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> key = in.readByteArray();
        case RECORD_VALUE << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> value = in.readByteArray();
        case RECORD_TIME << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> time = in.readString();
        default -> in.skipField(tag);
      }
    }
    return new KadMessage.Record(key, value, time);
  }

  private static void readPeer(CodedInputStream in, List<KadMessage.Peer> peers)
      throws IOException {
    if (peers.size() >= MAX_PEERS) {
      in.skipRawBytes(in.readRawVarint32());
      return;
    }
    decodePeer(nested(in)).ifPresent(peers::add);
  }

  private static Optional<KadMessage.Peer> decodePeer(CodedInputStream in) throws IOException {
    byte[] id = new byte[0];
    List<Multiaddr> addresses = new ArrayList<>();
    int connection = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case PEER_ID << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> id = in.readByteArray();
        case PEER_ADDRESS << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED -> {
          byte[] address = in.readByteArray();
          if (addresses.size() < PeerAddresses.MAX_ADDRESSES) {
            address(address).ifPresent(addresses::add);
          }
        }
        case PEER_CONNECTION << 3 | WireFormat.WIRETYPE_VARINT -> connection = in.readEnum();
        default -> in.skipField(tag);
      }
    }
    KadMessage.ConnectionType[] types = KadMessage.ConnectionType.values();
    KadMessage.ConnectionType known =
        connection >= 0 && connection < types.length
            ? types[connection]
            : KadMessage.ConnectionType.NOT_CONNECTED;
    try {
      return Optional.of(new KadMessage.Peer(PeerId.ofBytes(id), addresses, known));
    } catch (MultiformatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Multiaddr> address(byte[] bytes) {
    try {
      return Optional.of(Multiaddr.ofBytes(bytes));
    } catch (MultiformatException e) {
      return Optional.empty();
    }
  }
}
