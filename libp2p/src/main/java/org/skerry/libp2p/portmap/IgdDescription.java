package org.skerry.libp2p.portmap;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What of a gateway's description of itself matters here.
 *
 * @param name what it calls itself, maybe empty
 * @param service the type of the service that maps ports
 * @param control where that service is called
 */
record IgdDescription(String name, String service, URI control) {
  /** The best first. */
  private static final List<String> SERVICES =
      List.of(
          "urn:schemas-upnp-org:service:WANIPConnection:2",
          "urn:schemas-upnp-org:service:WANIPConnection:1",
          "urn:schemas-upnp-org:service:WANPPPConnection:1");

  /** Whether the service takes calls of the second version. */
  boolean isSecond() {
    return service.equals(SERVICES.getFirst());
  }

  /**
   * Reads a description; nothing when it is none, has no such service, or sends calls elsewhere
   * than to the host that it came from.
   */
  static Optional<IgdDescription> read(byte[] document, URI location) {
    return Xml.leaves(document).flatMap(leaves -> read(leaves, location));
  }

  private static Optional<IgdDescription> read(List<Xml.Leaf> leaves, URI location) {
    URI base = Xml.first(leaves, "URLBase").flatMap(SsdpMessages::plain).orElse(location);
    Map<Integer, IgdDescription> found = new TreeMap<>(); // by place among SERVICES
    for (Xml.Leaf leaf : leaves) {
      int rank = SERVICES.indexOf(leaf.text());
      if (leaf.name().equals("serviceType") && rank >= 0) {
        leaves.stream()
            .filter(other -> other.parent() == leaf.parent() && other.name().equals("controlURL"))
            .findFirst()
            .flatMap(other -> resolved(base, other.text()))
            .filter(control -> String.valueOf(control.getHost()).equals(location.getHost()))
            .ifPresent(control ->
                found.putIfAbsent(rank, new IgdDescription(name(leaves), leaf.text(), control)));
      }
    }
    return found.values().stream().findFirst();
  }

  private static String name(List<Xml.Leaf> leaves) {
    return Xml.shown(
        Xml.first(leaves, "friendlyName").or(() -> Xml.first(leaves, "modelName")).orElse(""));
  }

  private static Optional<URI> resolved(URI base, String reference) {
    try {
      return SsdpMessages.plain(base.resolve(reference).toString());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
