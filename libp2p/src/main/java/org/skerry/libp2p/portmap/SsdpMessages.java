package org.skerry.libp2p.portmap;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The search for gateways by multicast.
 *
 * @see <a href="https://openconnectivity.org/upnp-specs/UPnP-arch-DeviceArchitecture-v2.0.pdf">UPnP
 *     Device Architecture, 1.3</a>
 */
final class SsdpMessages {
  static final InetSocketAddress GROUP =
      new InetSocketAddress(InetAddress.ofLiteral("239.255.255.250"), 1900);

  static final int MAX_BYTES = 4096;

  /** Answers come spread over so many seconds. */
  static final int MX_SECONDS = 1;

  private static final List<String> TARGETS =
      List.of(
          "urn:schemas-upnp-org:device:InternetGatewayDevice:1",
          "urn:schemas-upnp-org:device:InternetGatewayDevice:2");

  private static final String LOCATION = "location:";

  private SsdpMessages() {}

  /** A packet for each kind of gateway. */
  static List<byte[]> searches() {
    return TARGETS.stream()
        .map(target ->
            """
            M-SEARCH * HTTP/1.1
            HOST: 239.255.255.250:1900
            MAN: "ssdp:discover"
            MX: %d
            ST: %s

            """
                .formatted(MX_SECONDS, target)
                .replace("\n", "\r\n")
                .getBytes(StandardCharsets.US_ASCII))
        .toList();
  }

  /**
   * Where the device that answers describes itself; nothing unless that is at the very address that
   * the answer came from.
   */
  static Optional<URI> location(byte[] answer, InetAddress from) {
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    if (!text.startsWith("HTTP/1.") || !text.startsWith(" 200", "HTTP/1.1".length())) {
      return Optional.empty();
    }
    return text.lines()
        .map(String::strip)
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(LOCATION))
        .findFirst()
        .flatMap(line -> plain(line.substring(LOCATION.length()).strip()))
        .filter(uri -> isAt(uri, from));
  }

  /** A URI that is read as it stands: HTTP, a host, no user, nothing to be looked up. */
  static Optional<URI> plain(String text) {
    try {
      URI uri = new URI(text);
      boolean plain =
          "http".equalsIgnoreCase(uri.getScheme())
              && uri.getHost() != null
              && uri.getRawUserInfo() == null
              && uri.getPort() != 0
              && uri.getPort() <= 65535;
      return plain ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** Whether {@code uri} names the address itself. */
  static boolean isAt(URI uri, InetAddress address) {
    return address.getHostAddress().equals(uri.getHost());
  }
}
