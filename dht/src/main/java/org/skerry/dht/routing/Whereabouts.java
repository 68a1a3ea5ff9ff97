package org.skerry.dht.routing;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.multiformats.Varint;

/**
 * From where a peer was heard, and where it is said to be reached. As bytes: a byte of the size of
 * the origin's name, the name in UTF-8, then each address behind its size as a varint.
 */
public record Whereabouts(Origin origin, List<Multiaddr> addresses) {
  private static final int MAX_ADDRESS_BYTES = 1024;

  public Whereabouts {
    addresses = List.copyOf(addresses);
  }

  public byte[] encode() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(encode(origin));
    for (Multiaddr address : addresses) {
      byte[] bytes = address.bytes();
      Varint.write(out, bytes.length);
      out.writeBytes(bytes);
    }
    return out.toByteArray();
  }

  /** Reads all that is left in {@code in}; nothing when it cannot be read. */
  public static Optional<Whereabouts> decode(ByteBuffer in) {
    try {
      return Optional.of(new Whereabouts(decodeOrigin(in), decodeAddresses(in)));
    } catch (IllegalArgumentException | BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  /** An origin alone. */
  public static byte[] encode(Origin origin) {
    byte[] name = origin.name().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + name.length).put((byte) name.length).put(name).array();
  }

  /**
   * An origin alone, and not what follows.
   *
   * @throws IllegalArgumentException when it is none
   * @throws BufferUnderflowException when its end is missing
   */
  public static Origin decodeOrigin(ByteBuffer in) {
    byte[] name = new byte[in.get() & 0xff];
    in.get(name);
    return new Origin(new String(name, StandardCharsets.UTF_8));
  }

  /** Addresses alone, without an origin before them; fails as {@link #decodeOrigin} does. */
  public static List<Multiaddr> decodeAddresses(ByteBuffer in) {
    List<Multiaddr> addresses = new ArrayList<>();
    while (in.hasRemaining()) {
      byte[] bytes = new byte[Varint.readInt(in, MAX_ADDRESS_BYTES)];
      in.get(bytes);
      addresses.add(Multiaddr.ofBytes(bytes));
    }
    return addresses;
  }
}
