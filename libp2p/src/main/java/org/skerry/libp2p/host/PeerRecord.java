package org.skerry.libp2p.host;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.SignedEnvelope;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.wire.PeerRecordWire;

/**
 * The addresses at which a peer says it is to be reached, which it signs: a signed peer record.
 * Domain and payload type are those that implementations use, not the RFC's.
 *
 * @param sequence unsigned; of two records of a peer the one with the greater sequence holds
 * @param addresses without the peer's id
 * @see <a href="https://github.com/libp2p/specs/blob/master/RFC/0003-routing-records.md">RFC
 *     0003</a>
 */
record PeerRecord(PeerId peer, long sequence, List<Multiaddr> addresses) {
  static final String DOMAIN = "libp2p-peer-record";

  /** Longest signed record that is read. */
  static final int MAX_BYTES = 8 << 10;

  private static final byte[] PAYLOAD_TYPE = {0x03, 0x01};

  /** Why a record of another peer is of no use; counted as {@code refused_peer_record_…}. */
  enum Rejection {
    TOO_LONG,
    MALFORMED,
    BAD_SIGNATURE,
    /** Signed by, or about, another peer than the one that sent it. */
    OTHER_PEER,
    /** A newer one of the same peer is known. */
    OUTDATED
  }

  /** What came of reading a record. */
  sealed interface Reading {
    record Accepted(PeerRecord record) implements Reading {}

    record Rejected(Rejection rejection, String detail) implements Reading {}
  }

  PeerRecord {
    addresses = List.copyOf(addresses);
  }

  /** The record in an envelope of {@code key}, which is the peer's. */
  byte[] signed(PrivateKey key) {
    PeerRecordWire.PeerRecord.Builder out =
        PeerRecordWire.PeerRecord.newBuilder()
            .setPeerId(ByteString.copyFrom(peer.bytes()))
            .setSeq(sequence);
    for (Multiaddr address : addresses) {
      out.addAddressesBuilder().setMultiaddr(ByteString.copyFrom(address.bytes()));
    }
    return SignedEnvelope.seal(key, DOMAIN, PAYLOAD_TYPE, out.build().toByteArray()).bytes();
  }

  /**
   * Reads and verifies what {@code sender} sent. Addresses of transports that this version does not
   * know, and those beyond {@link PeerBook#MAX_ADDRESSES}, are left out.
   */
  static Reading read(byte[] signed, PeerId sender) {
    if (signed.length > MAX_BYTES) {
      return new Reading.Rejected(
          Rejection.TOO_LONG, "a record of " + signed.length + " bytes, not at most " + MAX_BYTES);
    }
    try {
      SignedEnvelope envelope = SignedEnvelope.decode(signed);
      if (!PeerId.of(envelope.signer()).equals(sender)) {
        return new Reading.Rejected(Rejection.OTHER_PEER, "a record that another peer signed");
      }
      if (!envelope.isSignedFor(DOMAIN, PAYLOAD_TYPE)) {
        return new Reading.Rejected(Rejection.BAD_SIGNATURE, "its signature does not hold");
      }
      PeerRecordWire.PeerRecord in = PeerRecordWire.PeerRecord.parseFrom(envelope.payload());
      PeerId peer = PeerId.ofBytes(in.getPeerId().toByteArray());
      if (!peer.equals(sender)) {
        return new Reading.Rejected(Rejection.OTHER_PEER, "a record of peer " + peer);
      }
      return new Reading.Accepted(new PeerRecord(peer, in.getSeq(), addresses(in)));
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      return new Reading.Rejected(Rejection.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private static List<Multiaddr> addresses(PeerRecordWire.PeerRecord in) {
    List<Multiaddr> out = new ArrayList<>();
    for (PeerRecordWire.PeerRecord.AddressInfo info : in.getAddressesList()) {
      Optional<Multiaddr> known = IdentifyMessage.address(info.getMultiaddr());
      if (known.isPresent() && out.size() < PeerBook.MAX_ADDRESSES) {
        out.add(known.get().withoutPeerId());
      }
    }
    return out;
  }
}
