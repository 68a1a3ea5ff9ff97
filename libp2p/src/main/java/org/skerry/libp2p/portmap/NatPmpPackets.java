package org.skerry.libp2p.portmap;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The packets of NAT-PMP.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc6886">RFC 6886</a>
 */
final class NatPmpPackets {
  static final int PORT = 5351;

  /** No answer is longer (RFC 6887, 7: not even one of the successor's). */
  static final int MAX_BYTES = 1100;

  private static final int VERSION = 0;
  private static final int OP_ADDRESS = 0;
  private static final int OP_MAP_UDP = 1;
  private static final int OP_MAP_TCP = 2;
  private static final int ANSWER = 128;
  private static final int HEADER_BYTES = 8;
  private static final int ADDRESS_BYTES = 12;
  private static final int MAPPING_BYTES = 16;
  private static final int UNSUPPORTED_VERSION = 1;
  private static final int NETWORK_FAILURE = 3;

  private NatPmpPackets() {}

  /** What a router answers. */
  sealed interface Answer {
    /**
     * Its external address (3.2).
     *
     * @param epoch seconds since it last forgot all mappings
     */
    record Address(long epoch, InetAddress external) implements Answer {}

    /**
     * A mapping was made or, with no seconds, deleted (3.3).
     *
     * @param epoch seconds since the router last forgot all mappings
     */
    record Mapping(long epoch, Port port, int externalPort, long seconds) implements Answer {}

    /** It has itself no address that it could map (3.5): none at all, or a private one. */
    record NoAddress() implements Answer {}

    /** It says no (3.5). */
    record Refused(String why) implements Answer {}

    /** It is none of these. */
    record Malformed(String detail) implements Answer {}
  }

  static byte[] addressRequest() {
    return new byte[] {VERSION, OP_ADDRESS};
  }

  /**
   * Asks for a mapping, or with no seconds for its end.
   *
   * @param wished the external port, 0 for any
   */
  static byte[] mapRequest(Port port, int wished, long seconds) {
    return ByteBuffer.allocate(12)
        .put((byte) VERSION)
        .put((byte) op(port.kind()))
        .putShort((short) 0)
        .putShort((short) port.number())
        .putShort((short) wished)
        .putInt((int) seconds)
        .array();
  }

  private static int op(Port.Kind kind) {
    return switch (kind) {
      case TCP -> OP_MAP_TCP;
      case UDP -> OP_MAP_UDP;
    };
  }

  /** Whether {@code answer} is one to {@code request}, so that a late one is not taken for it. */
  static boolean answers(byte[] answer, byte[] request) {
    if (answer.length < 4) {
      return false;
    }
    boolean sameOp = (answer[1] & 0xff) == ANSWER + request[1];
    boolean samePort =
        request[1] == OP_ADDRESS
            || answer.length < 10
            || (answer[8] == request[4] && answer[9] == request[5]);
    return answer[0] != VERSION || (sameOp && samePort);
  }

  static Answer read(byte[] bytes) {
    if (bytes.length < 4) {
      return new Answer.Malformed("a packet of " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int version = in.get() & 0xff;
    int op = in.get() & 0xff;
    if (version != VERSION) {
      // One that speaks only the successor, PCP (RFC 6887, 9), says so in its own form.
      return new Answer.Refused(reason(UNSUPPORTED_VERSION));
    }
    int result = in.getShort() & 0xffff;
    if (result == NETWORK_FAILURE) {
      return new Answer.NoAddress();
    }
    if (result != 0) {
      return new Answer.Refused(reason(result));
    }
    if (bytes.length < HEADER_BYTES) {
      return new Answer.Malformed("a packet of " + bytes.length + " bytes");
    }
    long epoch = in.getInt() & 0xffffffffL;
    return switch (op) {
      case ANSWER + OP_ADDRESS -> address(bytes, epoch);
      case ANSWER + OP_MAP_UDP -> mapping(bytes, in, Port.Kind.UDP, epoch);
      case ANSWER + OP_MAP_TCP -> mapping(bytes, in, Port.Kind.TCP, epoch);
      default -> new Answer.Malformed("an answer to request " + (op - ANSWER));
    };
  }

  private static Answer address(byte[] bytes, long epoch) {
    if (bytes.length < ADDRESS_BYTES) {
      return new Answer.Malformed("an address is cut off");
    }
    try {
      byte[] ip = Arrays.copyOfRange(bytes, HEADER_BYTES, ADDRESS_BYTES);
      return new Answer.Address(epoch, InetAddress.getByAddress(ip));
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 4 bytes", e);
    }
  }

  private static Answer mapping(byte[] bytes, ByteBuffer in, Port.Kind kind, long epoch) {
    if (bytes.length < MAPPING_BYTES) {
      return new Answer.Malformed("a mapping is cut off");
    }
    int internal = in.getShort() & 0xffff;
    int external = in.getShort() & 0xffff;
    long seconds = in.getInt() & 0xffffffffL;
    if (internal == 0 || (external == 0 && seconds > 0)) {
      return new Answer.Malformed("a mapping of port " + internal + " to port " + external);
    }
    return new Answer.Mapping(epoch, new Port(kind, internal), external, seconds);
  }

  private static String reason(int result) {
    return switch (result) {
      case UNSUPPORTED_VERSION -> "it does not speak this version of NAT-PMP";
      case 2 -> "it is not allowed there";
      case 4 -> "it has no room for more mappings";
      case 5 -> "it does not know what was asked";
      default -> "result " + result;
    };
  }
}
