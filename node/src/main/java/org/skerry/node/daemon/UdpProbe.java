package org.skerry.node.daemon;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.dcutr.MappingBehaviour.Sighting;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out once whether UDP comes through to peers outside, and at which ports it leaves: nothing
 * else tells, since TCP is dialled first. Dials as a peer of its own from a port of its own, so
 * that the host's connections stay as they are.
 */
final class UdpProbe implements Host.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(UdpProbe.class);

  /** Of different IP addresses; with fewer nothing could be said of ports. */
  private static final int PEERS = 2;

  private static final Duration DIAL_LIMIT = Duration.ofSeconds(8);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
  private static final Multiaddr ANY_PORT = Multiaddr.parse("/ip4/0.0.0.0/udp/0/quic-v1");

  /**
   * What came of it.
   *
   * @param asked how many peers were dialled; 0 before
   * @param answered how many of them were reached
   * @param sightings where those saw the probe
   */
  record Result(int asked, int answered, List<Sighting> sightings) {
    static final Result NONE = new Result(0, 0, List.of());

    Result {
      sightings = List.copyOf(sightings);
    }
  }

  private final HostConfig like;
  private final Predicate<Multiaddr> isOutside;

  /** By IP address; guarded by itself. */
  private final Map<String, Multiaddr> peers = new LinkedHashMap<>();

  private volatile Result result = Result.NONE;

  /**
   * @param like how the host runs on whose behalf it dials
   * @param isOutside which addresses are dialled
   */
  UdpProbe(HostConfig like, Predicate<Multiaddr> isOutside) {
    this.like = like;
    this.isOutside = isOutside;
  }

  Result result() {
    return result;
  }

  @Override
  public void identified(PeerId peer, List<String> protocols, List<Multiaddr> addresses) {
    synchronized (peers) {
      if (peers.size() == PEERS) {
        return;
      }
      addresses.stream()
          .filter(address -> address.isQuic() && isOutside.test(address))
          .filter(address -> address.value(Multiaddr.Protocol.IP4).isPresent())
          .findFirst()
          .ifPresent(address ->
              peers.putIfAbsent(
                  address.value(Multiaddr.Protocol.IP4).orElseThrow(), address.withPeerId(peer)));
      if (peers.size() == PEERS) {
        List<Multiaddr> all = List.copyOf(peers.values());
        Thread.ofVirtual().name("udp-probe").start(() -> result = tryAll(all));
      }
    }
  }

  private Result tryAll(List<Multiaddr> all) {
    try (TcpHost host =
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()), like.withListen(List.of(ANY_PORT)))) {
      BlockingQueue<Multiaddr> seen = new LinkedBlockingQueue<>();
      host.addListener(
          new Host.Listener() {
            @Override
            public void observed(PeerId by, Multiaddr address) {
              seen.add(address);
            }
          });
      int answered = 0;
      List<Sighting> sightings = new ArrayList<>();
      for (Multiaddr address : all) {
        try {
          Connection connection = host.dial(address, DIAL_LIMIT);
          answered++;
          Multiaddr at = seen.poll(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
          if (at != null) {
            sightings.add(new Sighting(address, at));
          }
          connection.close();
        } catch (Libp2pException e) {
          LOG.debug("{} does not answer over UDP: {}", address, e.getMessage());
        }
      }
      return new Result(all.size(), answered, sightings);
    } catch (Libp2pException e) {
      LOG.debug("UDP is not tried: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Result.NONE;
  }
}
