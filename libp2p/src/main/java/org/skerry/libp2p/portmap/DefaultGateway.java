package org.skerry.libp2p.portmap;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where packets go that are for nobody near. */
final class DefaultGateway {
  private static final Path ROUTES = Path.of("/proc/net/route");
  private static final int DESTINATION = 1;
  private static final int GATEWAY = 2;
  private static final int FLAGS = 3;
  private static final int METRIC = 6;
  private static final int MASK = 7;
  private static final int RTF_UP_AND_GATEWAY = 3;

  private DefaultGateway() {}

  /** That of IPv4, where the system tells: on Linux. */
  static Optional<InetAddress> find() {
    try {
      return Files.exists(ROUTES) ? in(Files.readAllLines(ROUTES)) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The one with the least metric in a table of routes as Linux writes it. */
  static Optional<InetAddress> in(List<String> routes) {
    Optional<InetAddress> best = Optional.empty();
    int bestMetric = Integer.MAX_VALUE;
    for (String line : routes) {
      String[] fields = line.strip().split("\\s+");
      if (fields.length > MASK
          && isZero(fields[DESTINATION])
          && isZero(fields[MASK])
          && fields[GATEWAY].matches("[0-9A-F]{8}")
          && fields[FLAGS].matches("[0-9A-F]{1,8}")
          && fields[METRIC].matches("\\d{1,9}")
          && (Integer.parseUnsignedInt(fields[FLAGS], 16) & RTF_UP_AND_GATEWAY)
              == RTF_UP_AND_GATEWAY
          && Integer.parseInt(fields[METRIC]) < bestMetric) {
        best = Optional.of(address(Integer.parseUnsignedInt(fields[GATEWAY], 16)));
        bestMetric = Integer.parseInt(fields[METRIC]);
      }
    }
    return best;
  }

  private static boolean isZero(String field) {
    return field.equals("00000000");
  }

  /** Linux prints the bytes as a number in the machine's order, which is x86's. */
  private static InetAddress address(int bytes) {
    try {
      return Inet4Address.getByAddress(
          new byte[] {
            (byte) bytes, (byte) (bytes >>> 8), (byte) (bytes >>> 16), (byte) (bytes >>> 24)
          });
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of 4 bytes", e);
    }
  }
}
