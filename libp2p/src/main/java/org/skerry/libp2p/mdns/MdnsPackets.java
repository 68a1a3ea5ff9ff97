package org.skerry.libp2p.mdns;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.dns.DefaultDnsPtrRecord;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordDecoder;
import io.netty.handler.codec.dns.DnsRecordEncoder;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.MultiformatException;

/**
 * The packets of multicast DNS in which peers ask for each other and answer.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/discovery/mdns.md">mDNS discovery</a>
 */
final class MdnsPackets {
  /** More addresses of one peer are not read. */
  static final int MAX_ADDRESSES = 16;

  private static final String SERVICES = "_services._dns-sd._udp.local.";
  private static final int HEADER_BYTES = 12;
  private static final int RESPONSE = 0x8000;

  /** A response that speaks for itself (RFC 6762, 18.4). */
  private static final int AUTHORITATIVE = 0x0400;

  private static final int MAX_RECORDS = 128;
  private static final long TTL_SECONDS = 120;
  private static final String ATTRIBUTE = "dnsaddr=";

  /** A string of a TXT record has a byte for its length. */
  private static final int MAX_STRING_BYTES = 255;

  /** With all else, still within an Ethernet frame. */
  private static final int MAX_TEXT_BYTES = 1200;

  private final String service;

  /**
   * @param service with a dot at its end
   */
  MdnsPackets(String service) {
    this.service = service;
  }

  /** What a packet says that matters here. */
  sealed interface Heard {
    /** Somebody looks for peers. */
    record PeersWanted() implements Heard {}

    /** Somebody looks for services of any kind. */
    record ServicesWanted() implements Heard {}

    /** Peers and where they are. */
    record Peers(Map<PeerId, List<Multiaddr>> addresses) implements Heard {}

    /** Nothing for peers. */
    record Other() implements Heard {}

    /** It is no DNS packet. */
    record Malformed(String detail) implements Heard {}
  }

  ByteBuf query(ByteBufAllocator buffers) {
    ByteBuf out = header(buffers, 0, 1, 0, 0);
    return encoded(
        out,
        () ->
            DnsRecordEncoder.DEFAULT.encodeQuestion(
                new DefaultDnsQuestion(service, DnsRecordType.PTR), out));
  }

  /**
   * The answer to a query for peers. Addresses that do not fit are left out.
   *
   * @param name this peer's random one
   * @param addresses with the peer's id at their ends
   */
  ByteBuf answer(ByteBufAllocator buffers, String name, List<Multiaddr> addresses) {
    String full = name + "." + service;
    ByteBuf text = Unpooled.buffer();
    for (Multiaddr address : addresses) {
      byte[] attribute = (ATTRIBUTE + address).getBytes(UTF_8);
      if (attribute.length <= MAX_STRING_BYTES
          && text.readableBytes() + attribute.length < MAX_TEXT_BYTES) {
        text.writeByte(attribute.length).writeBytes(attribute);
      }
    }
    DnsRawRecord texts = new DefaultDnsRawRecord(full, DnsRecordType.TXT, TTL_SECONDS, text);
    ByteBuf out = header(buffers, RESPONSE | AUTHORITATIVE, 0, 1, 1);
    try {
      return encoded(
          out,
          () -> {
            pointer(out, service, full);
            DnsRecordEncoder.DEFAULT.encodeRecord(texts, out);
          });
    } finally {
      texts.release();
    }
  }

  /** The answer to a query for services. */
  ByteBuf services(ByteBufAllocator buffers) {
    ByteBuf out = header(buffers, RESPONSE | AUTHORITATIVE, 0, 1, 0);
    return encoded(out, () -> pointer(out, SERVICES, service));
  }

  private static void pointer(ByteBuf out, String from, String to) throws Exception {
    DnsRecordEncoder.DEFAULT.encodeRecord(
        new DefaultDnsPtrRecord(from, DnsRecord.CLASS_IN, TTL_SECONDS, to), out);
  }

  private static ByteBuf header(
      ByteBufAllocator buffers, int flags, int questions, int answers, int additional) {
    return buffers
        .buffer()
        .writeShort(0)
        .writeShort(flags)
        .writeShort(questions)
        .writeShort(answers)
        .writeShort(0)
        .writeShort(additional);
  }

  /** As the encoder declares whatever its extensions may throw. */
  private interface Encoding {
    void run() throws Exception;
  }

  private static ByteBuf encoded(ByteBuf out, Encoding encoding) {
    try {
      encoding.run();
      return out;
    } catch (Exception e) {
      out.release();
      throw new IllegalStateException("a packet of names and text", e);
    }
  }

  /** Reads a packet; {@code in} stays the caller's. */
  Heard read(ByteBuf in) {
    if (in.readableBytes() < HEADER_BYTES) {
      return new Heard.Malformed("a packet of " + in.readableBytes() + " bytes");
    }
    in.skipBytes(2);
    boolean response = (in.readUnsignedShort() & RESPONSE) != 0;
    int questions = in.readUnsignedShort();
    int records = in.readUnsignedShort() + in.readUnsignedShort() + in.readUnsignedShort();
    if (questions + records > MAX_RECORDS) {
      return new Heard.Malformed("a packet of " + (questions + records) + " records");
    }
    try {
      Heard asked = questions(in, questions);
      return response ? peers(in, records) : asked;
    } catch (DecoderException | IndexOutOfBoundsException | IllegalArgumentException e) {
      return new Heard.Malformed(String.valueOf(e.getMessage()));
    } catch (Exception e) {
      throw new IllegalStateException("a decoder that reads from memory", e);
    }
  }

  private Heard questions(ByteBuf in, int count) throws Exception {
    Heard heard = new Heard.Other();
    for (int i = 0; i < count; i++) {
      DnsQuestion question = DnsRecordDecoder.DEFAULT.decodeQuestion(in);
      boolean pointers =
          question.type().equals(DnsRecordType.PTR) || question.type().equals(DnsRecordType.ANY);
      if (pointers && question.name().equalsIgnoreCase(service)) {
        return new Heard.PeersWanted();
      } else if (pointers && question.name().equalsIgnoreCase(SERVICES)) {
        heard = new Heard.ServicesWanted();
      }
    }
    return heard;
  }

  private Heard peers(ByteBuf in, int count) throws Exception {
    Map<PeerId, List<Multiaddr>> peers = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      DnsRecord record = DnsRecordDecoder.DEFAULT.decodeRecord(in);
      if (record == null) {
        return new Heard.Malformed("a record is cut off");
      }
      try {
        if (record instanceof DnsRawRecord raw && isOfPeer(record)) {
          addresses(raw.content(), peers);
        }
      } finally {
        ReferenceCountUtil.release(record);
      }
    }
    return peers.isEmpty() ? new Heard.Other() : new Heard.Peers(peers);
  }

  /** Whose time to live is zero says goodbye. */
  private boolean isOfPeer(DnsRecord record) {
    return record.type().equals(DnsRecordType.TXT)
        && record.timeToLive() > 0
        && record.name().toLowerCase(Locale.ROOT).endsWith("." + service);
  }

  private static void addresses(ByteBuf text, Map<PeerId, List<Multiaddr>> peers) {
    while (text.isReadable()) {
      String string = text.readCharSequence(text.readUnsignedByte(), UTF_8).toString();
      address(string)
          .ifPresent(address -> {
            List<Multiaddr> of =
                peers.computeIfAbsent(address.peerId().orElseThrow(), p -> new ArrayList<>());
            if (of.size() < MAX_ADDRESSES) {
              of.add(address.withoutPeerId());
            }
          });
    }
  }

  /** Nothing for another attribute, or an address that this version does not know. */
  private static Optional<Multiaddr> address(String attribute) {
    if (!attribute.startsWith(ATTRIBUTE)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Multiaddr.parse(attribute.substring(ATTRIBUTE.length())))
          .filter(address -> address.peerId().isPresent());
    } catch (MultiformatException e) {
      return Optional.empty();
    }
  }
}
