package org.skerry.libp2p.host;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PublicKey;
import org.skerry.libp2p.wire.IdentifyWire;

/**
 * What a peer says about itself.
 *
 * @param observed how the sender sees the receiver
 * @param signedRecord a signed {@link PeerRecord}, not yet verified; empty when there is none
 * @see <a href="https://github.com/libp2p/specs/blob/master/identify/README.md">identify</a>
 */
record IdentifyMessage(
    PublicKey key,
    String agentVersion,
    List<String> protocols,
    List<Multiaddr> addresses,
    Optional<Multiaddr> observed,
    ByteString signedRecord) {
  private static final String PROTOCOL_VERSION = "ipfs/0.1.0";
  private static final int MAX_PROTOCOLS = 256;
  private static final int MAX_PROTOCOL_CHARS = 256;
  private static final int MAX_AGENT_CHARS = 128;

  IdentifyMessage {
    protocols = List.copyOf(protocols);
    addresses = List.copyOf(addresses);
  }

  byte[] encode() {
    IdentifyWire.Identify.Builder out =
        IdentifyWire.Identify.newBuilder()
            .setPublicKey(ByteString.copyFrom(key.encoded()))
            .setProtocolVersion(PROTOCOL_VERSION)
            .setAgentVersion(agentVersion)
            .addAllProtocols(protocols);
    addresses.forEach(address -> out.addListenAddrs(ByteString.copyFrom(address.bytes())));
    observed.ifPresent(address -> out.setObservedAddr(ByteString.copyFrom(address.bytes())));
    if (!signedRecord.isEmpty()) {
      out.setSignedPeerRecord(signedRecord);
    }
    return out.build().toByteArray();
  }

  /**
   * Reads what {@code sender} said. Addresses of protocols that Skerry does not know are left out;
   * lists are cut, text is cut and cleaned.
   *
   * @return nothing when it is no identify message, or carries another peer's key
   */
  static Optional<IdentifyMessage> decode(byte[] bytes, PeerId sender) {
    try {
      IdentifyWire.Identify in = IdentifyWire.Identify.parseFrom(bytes);
      PublicKey key = PublicKey.decode(in.getPublicKey().toByteArray());
      if (!PeerId.of(key).equals(sender)) {
        return Optional.empty();
      }
      List<Multiaddr> addresses = new ArrayList<>();
      for (ByteString address : in.getListenAddrsList()) {
        if (addresses.size() < PeerBook.MAX_ADDRESSES) {
          address(address).ifPresent(addresses::add);
        }
      }
      return Optional.of(
          new IdentifyMessage(
              key,
              printable(in.getAgentVersion()),
              in.getProtocolsList().stream()
                  .filter(protocol -> protocol.length() <= MAX_PROTOCOL_CHARS)
                  .limit(MAX_PROTOCOLS)
                  .toList(),
              addresses,
              address(in.getObservedAddr()),
              in.getSignedPeerRecord()));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** Nothing when it is empty, or of a transport that this version does not know. */
  static Optional<Multiaddr> address(ByteString bytes) {
    try {
      return bytes.isEmpty()
          ? Optional.empty()
          : Optional.of(Multiaddr.ofBytes(bytes.toByteArray()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String printable(String text) {
    return text.substring(0, Math.min(text.length(), MAX_AGENT_CHARS)).replaceAll("[^ -~]", "?");
  }
}
