package org.skerry.libp2p.portmap;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Searches the local networks for gateways of UPnP. */
final class UpnpSearch implements RouterSearch {
  private static final Logger LOG = LoggerFactory.getLogger(UpnpSearch.class);

  /** More answers are not looked at: in a home there is one. */
  private static final int MAX_FOUND = 4;

  private static final int MAX_PACKETS = 64;

  private final Place place;

  /**
   * Where to search.
   *
   * @param to where packets go: the group, or in tests a socket
   * @param links on which; the system's usual one when there are none
   * @param gateway who is asked first, if it answers
   * @param isNear whose answers count: who is not of the local networks is no router of a home
   * @param patience how long to wait for answers
   */
  record Place(
      InetSocketAddress to,
      List<NetworkInterface> links,
      Optional<InetAddress> gateway,
      Predicate<InetAddress> isNear,
      Duration patience) {
    private static final Duration HTTP_LIMIT = Duration.ofSeconds(4);
    private static final Duration WAIT = Duration.ofSeconds(SsdpMessages.MX_SECONDS + 2);

    Place {
      links = List.copyOf(links);
    }

    /** All links of this machine that have a private address. */
    static Place usual(Optional<InetAddress> gateway) {
      return new Place(
          SsdpMessages.GROUP, usualLinks(), gateway, InetAddress::isSiteLocalAddress, WAIT);
    }

    private static List<NetworkInterface> usualLinks() {
      try {
        return NetworkInterface.networkInterfaces().filter(Place::isLink).toList();
      } catch (SocketException e) {
        return List.of();
      }
    }

    private static boolean isLink(NetworkInterface link) {
      try {
        return link.isUp()
            && link.supportsMulticast()
            && link.inetAddresses()
                .anyMatch(ip -> ip instanceof Inet4Address && ip.isSiteLocalAddress());
      } catch (SocketException e) {
        return false; // gone meanwhile
      }
    }
  }

  UpnpSearch(Place place) {
    this.place = place;
  }

  @Override
  public List<Router> find() {
    List<Router> routers = new ArrayList<>();
    try {
      for (Map.Entry<InetAddress, URI> found : search().entrySet()) {
        describe(found.getKey(), found.getValue()).ifPresent(routers::add);
      }
    } catch (IOException e) {
      LOG.debug("no search for UPnP gateways: {}", e.getMessage());
    }
    return routers;
  }

  /** Where those that answer describe themselves, by their addresses; the gateway first. */
  private Map<InetAddress, URI> search() throws IOException {
    Map<InetAddress, URI> found = new LinkedHashMap<>();
    try (DatagramSocket socket = new DatagramSocket()) {
      send(socket);
      long deadline = System.nanoTime() + place.patience().toNanos();
      byte[] buffer = new byte[SsdpMessages.MAX_BYTES];
      for (int i = 0; i < MAX_PACKETS && found.size() < MAX_FOUND; i++) {
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (leftMs <= 0 || place.gateway().filter(found::containsKey).isPresent()) {
          break;
        }
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        socket.setSoTimeout((int) leftMs);
        try {
          socket.receive(packet);
        } catch (SocketTimeoutException e) {
          break;
        }
        InetAddress from = packet.getAddress();
        if (place.isNear().test(from)) {
          SsdpMessages.location(Arrays.copyOf(buffer, packet.getLength()), from)
              .ifPresent(uri -> found.putIfAbsent(from, uri));
        }
      }
    }
    Map<InetAddress, URI> inOrder = new LinkedHashMap<>();
    found.keySet().stream()
        .sorted(Comparator.comparing(from -> !place.gateway().equals(Optional.of(from))))
        .forEach(from -> inOrder.put(from, found.get(from)));
    return inOrder;
  }

  private void send(DatagramSocket socket) throws IOException {
    for (byte[] search : SsdpMessages.searches()) {
      DatagramPacket packet = new DatagramPacket(search, search.length, place.to());
      if (place.links().isEmpty()) {
        socket.send(packet);
      }
      for (NetworkInterface link : place.links()) {
        socket.setOption(StandardSocketOptions.IP_MULTICAST_IF, link);
        try {
          socket.send(packet);
        } catch (IOException e) {
          LOG.debug("no search for UPnP gateways on {}: {}", link.getName(), e.getMessage());
        }
      }
    }
  }

  private static Optional<Router> describe(InetAddress at, URI location) {
    RouterHttp http = new RouterHttp(Place.HTTP_LIMIT);
    try {
      RouterHttp.Answer answer = http.get(location);
      Optional<IgdDescription> gateway =
          answer.status() == 200 ? IgdDescription.read(answer.body(), location) : Optional.empty();
      if (gateway.isPresent()) {
        return Optional.of(new UpnpRouter(gateway.get(), towards(at), http));
      }
      LOG.debug("{} describes no gateway", location);
    } catch (RouterException | IOException e) {
      LOG.debug("{} is not described: {}", location, e.getMessage());
    }
    http.close();
    return Optional.empty();
  }

  /** This machine's address on the way to {@code device}; nothing is sent. */
  private static InetAddress towards(InetAddress device) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(device, SsdpMessages.GROUP.getPort()));
      return socket.getLocalAddress();
    }
  }
}
