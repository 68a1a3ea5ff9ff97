package org.skerry.libp2p;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Varint;

/**
 * A self-describing network address, such as {@code /ip4/127.0.0.1/tcp/4001/p2p/12D3Koo…}.
 *
 * @see <a href="https://github.com/multiformats/multiaddr">multiaddr</a>
 */
public record Multiaddr(List<Part> parts) {
  private static final int MAX_BYTES = 1024;
  private static final int MAX_PARTS = 16;
  private static final int MAX_NAME_BYTES = 253;

  private static final Pattern NAME_TEXT =
      Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*\\.?");

  /** The protocols Skerry understands; an address with any other is refused. */
  public enum Protocol {
    IP4(4, "ip4", 4),
    TCP(6, "tcp", 2),
    IP6(41, "ip6", 16),
    DNS(53, "dns", -1),
    DNS4(54, "dns4", -1),
    DNS6(55, "dns6", -1),
    DNSADDR(56, "dnsaddr", -1),
    UDP(273, "udp", 2),
    P2P_CIRCUIT(290, "p2p-circuit", 0),
    P2P(421, "p2p", -1),
    QUIC_V1(461, "quic-v1", 0);

    private final int code;
    private final String text;
    private final int size;

    Protocol(int code, String text, int size) {
      this.code = code;
      this.text = text;
      this.size = size;
    }

    static Protocol ofCode(int code) {
      for (Protocol protocol : values()) {
        if (protocol.code == code) {
          return protocol;
        }
      }
      throw new MultiformatException("multiaddr protocol " + code + " is not supported");
    }

    static Protocol ofText(String text) {
      for (Protocol protocol : values()) {
        if (protocol.text.equals(text)) {
          return protocol;
        }
      }
      throw new MultiformatException("multiaddr protocol '" + text + "' is not supported");
    }
  }

  /** One component; {@code value} is its text form and empty when the protocol has none. */
  public record Part(Protocol protocol, String value) {
    public Part {
      value = canonical(protocol, value);
    }

    private static String canonical(Protocol protocol, String value) {
      return text(protocol, bytes(protocol, value));
    }
  }

  public Multiaddr {
    parts = List.copyOf(parts);
    if (parts.isEmpty() || parts.size() > MAX_PARTS) {
      throw new MultiformatException("a multiaddr of " + parts.size() + " parts");
    }
  }

  public static Multiaddr parse(String text) {
    if (!text.startsWith("/") || text.length() > MAX_BYTES) {
      throw new MultiformatException("'" + text + "' is not a multiaddr such as /ip4/…/tcp/…");
    }
    String[] words = text.substring(1).split("/", -1);
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < words.length; i++) {
      Protocol protocol = Protocol.ofText(words[i].equals("ipfs") ? "p2p" : words[i]);
      String value = "";
      if (protocol.size != 0) {
        if (++i >= words.length) {
          throw new MultiformatException("'" + text + "' has no value after /" + protocol.text);
        }
        value = words[i];
      }
      parts.add(new Part(protocol, value));
    }
    return new Multiaddr(parts);
  }

  public static Multiaddr ofBytes(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new MultiformatException("a multiaddr of " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<Part> parts = new ArrayList<>();
    while (in.hasRemaining()) {
      Protocol protocol = Protocol.ofCode(Varint.readInt(in, Integer.MAX_VALUE));
      int size = protocol.size < 0 ? Varint.readInt(in, MAX_BYTES) : protocol.size;
      if (size > in.remaining()) {
        throw new MultiformatException("multiaddr is truncated in /" + protocol.text);
      }
      byte[] value = new byte[size];
      in.get(value);
      parts.add(new Part(protocol, text(protocol, value)));
    }
    return new Multiaddr(parts);
  }

  /** {@code /ip4|ip6/HOST/tcp/PORT}. */
  public static Multiaddr tcp(InetAddress host, int port) {
    return socket(host, Protocol.TCP, port, List.of());
  }

  /** {@code /ip4|ip6/HOST/udp/PORT/quic-v1}. */
  public static Multiaddr quic(InetAddress host, int port) {
    return socket(host, Protocol.UDP, port, List.of(new Part(Protocol.QUIC_V1, "")));
  }

  private static Multiaddr socket(
      InetAddress host, Protocol transport, int port, List<Part> above) {
    Protocol ip = host.getAddress().length == 4 ? Protocol.IP4 : Protocol.IP6;
    List<Part> parts = new ArrayList<>();
    parts.add(new Part(ip, Ip.text(host.getAddress())));
    parts.add(new Part(transport, Integer.toString(port)));
    parts.addAll(above);
    return new Multiaddr(parts);
  }

  public byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Part part : parts) {
      byte[] value = bytes(part.protocol(), part.value());
      Varint.write(out, part.protocol().code);
      if (part.protocol().size < 0) {
        Varint.write(out, value.length);
      }
      out.writeBytes(value);
    }
    return out.toByteArray();
  }

  /** The value of the first part of this protocol. */
  public Optional<String> value(Protocol protocol) {
    for (Part part : parts) {
      if (part.protocol() == protocol) {
        return Optional.of(part.value());
      }
    }
    return Optional.empty();
  }

  /** The literal IP address of 4 or 16 bytes, the relay's for a relayed address. */
  public Optional<byte[]> ip() {
    Part first = parts.getFirst();
    return switch (first.protocol()) {
      case IP4, IP6 -> Optional.of(bytes(first.protocol(), first.value()));
      default -> Optional.empty();
    };
  }

  /** Whether it is {@code /ip4|ip6|dns…/HOST/tcp/PORT}, maybe with a peer behind. */
  public boolean isTcp() {
    return isHostWith(Protocol.TCP);
  }

  /** Whether it is {@code /ip4|ip6|dns…/HOST/udp/PORT/quic-v1}, maybe with a peer behind. */
  public boolean isQuic() {
    return isHostWith(Protocol.UDP, Protocol.QUIC_V1);
  }

  private boolean isHostWith(Protocol... rest) {
    List<Protocol> protocols = withoutPeerId().parts.stream().map(Part::protocol).toList();
    return switch (protocols.getFirst()) {
          case IP4, IP6, DNS, DNS4, DNS6 -> true;
          case TCP, UDP, DNSADDR, P2P, P2P_CIRCUIT, QUIC_V1 -> false;
        }
        && protocols.subList(1, protocols.size()).equals(List.of(rest));
  }

  /** This address with the IP address of {@code other}; nothing when they have different kinds. */
  public Optional<Multiaddr> at(Multiaddr other) {
    Part mine = parts.getFirst();
    Part theirs = other.parts.getFirst();
    boolean isIp = mine.protocol() == Protocol.IP4 || mine.protocol() == Protocol.IP6;
    if (!isIp || mine.protocol() != theirs.protocol()) {
      return Optional.empty();
    }
    List<Part> moved = new ArrayList<>(parts);
    moved.set(0, theirs);
    return Optional.of(new Multiaddr(moved));
  }

  /** Whether the way leads through a relay. */
  public boolean isRelayed() {
    return value(Protocol.P2P_CIRCUIT).isPresent();
  }

  /** The relay's own address, with its id at the end; nothing when no one relay is named. */
  public Optional<Multiaddr> relay() {
    List<Part> before =
        parts.stream().takeWhile(p -> p.protocol() != Protocol.P2P_CIRCUIT).toList();
    if (before.isEmpty() || before.size() == parts.size()) {
      return Optional.empty();
    }
    return Optional.of(new Multiaddr(before)).filter(relay -> relay.peerId().isPresent());
  }

  /** The address of peers behind this relay, which ends in its id. */
  public Multiaddr behind() {
    List<Part> longer = new ArrayList<>(parts);
    longer.add(new Part(Protocol.P2P_CIRCUIT, ""));
    return new Multiaddr(longer);
  }

  /** The peer named by the last {@code /p2p} part. */
  public Optional<PeerId> peerId() {
    Part last = parts.getLast();
    return last.protocol() == Protocol.P2P
        ? Optional.of(PeerId.parse(last.value()))
        : Optional.empty();
  }

  /** This address with {@code /p2p/peer} at its end (unchanged when one is there). */
  public Multiaddr withPeerId(PeerId peer) {
    if (peerId().isPresent()) {
      return this;
    }
    List<Part> longer = new ArrayList<>(parts);
    longer.add(new Part(Protocol.P2P, peer.toString()));
    return new Multiaddr(longer);
  }

  /** This address without a {@code /p2p} part at its end. */
  public Multiaddr withoutPeerId() {
    return peerId().isPresent() && parts.size() > 1
        ? new Multiaddr(parts.subList(0, parts.size() - 1))
        : this;
  }

  private static byte[] bytes(Protocol protocol, String value) {
    return switch (protocol) {
      case IP4 -> Ip.parse4(value);
      case IP6 -> Ip.parse6(value);
      case TCP, UDP -> portBytes(value);
      case DNS, DNS4, DNS6, DNSADDR -> nameBytes(value);
      case P2P -> PeerId.parse(value).bytes();
      case P2P_CIRCUIT, QUIC_V1 -> new byte[0];
    };
  }

  private static byte[] portBytes(String value) {
    int port = value.matches("\\d{1,5}") ? Integer.parseInt(value) : -1;
    if (port < 0 || port > 65535) {
      throw new MultiformatException("port '" + value + "' not in 0..65535");
    }
    return new byte[] {(byte) (port >>> 8), (byte) port};
  }

  private static byte[] nameBytes(String value) {
    if (value.length() > MAX_NAME_BYTES || !NAME_TEXT.matcher(value).matches()) {
      throw new MultiformatException("'" + value + "' is not a host name");
    }
    return value.getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(Protocol protocol, byte[] value) {
    return switch (protocol) {
      case IP4, IP6 -> Ip.text(value);
      case TCP, UDP -> Integer.toString(((value[0] & 0xff) << 8) | (value[1] & 0xff));
      case DNS, DNS4, DNS6, DNSADDR -> new String(value, StandardCharsets.UTF_8);
      case P2P -> PeerId.ofBytes(value).toString();
      case P2P_CIRCUIT, QUIC_V1 -> "";
    };
  }

  /**
   * Whether anybody on the Internet could mean the same machine by this address: neither a
   * loopback, private, link-local, shared (RFC 6598), multicast nor unspecified one. Names count as
   * public; what they resolve to is another question.
   */
  public boolean isPublic() {
    Part first = parts.getFirst();
    return switch (first.protocol()) {
      case IP4, IP6 -> Ip.isPublic(bytes(first.protocol(), first.value()));
      case DNS, DNS4, DNS6, DNSADDR -> true;
      case TCP, UDP, P2P_CIRCUIT, P2P, QUIC_V1 -> false;
    };
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (Part part : parts) {
      out.append('/').append(part.protocol().text);
      if (part.protocol().size != 0) {
        out.append('/').append(part.value());
      }
    }
    return out.toString();
  }
}
