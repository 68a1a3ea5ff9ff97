package org.skerry.libp2p.autonat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.HostLimits;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.wire.AutonatWire.DialBack;
import org.skerry.libp2p.wire.AutonatWire.DialBackResponse;

/**
 * Dials back as a peer of its own that listens nowhere, so that neither the connection that the
 * request came over nor its port can make an address look reachable, as the specification advises.
 */
final class BackDialler implements AutoCloseable {
  /** What came of a dial. */
  enum Outcome {
    REACHED,
    NOT_REACHED,
    REACHED_AND_REFUSED
  }

  private final TcpHost host;

  /**
   * @param like how the host runs on whose behalf it dials
   */
  BackDialler(HostConfig like) throws Libp2pException {
    host =
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()),
            like.withListen(List.of()).withLimits(HostLimits.DEFAULT));
  }

  /** Brings {@code nonce} to {@code peer} at {@code address}; one call at a time for a peer. */
  Outcome dial(PeerId peer, Multiaddr address, long nonce, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    Connection connection;
    try {
      connection = host.dial(address.withPeerId(peer), timeout);
    } catch (Libp2pException e) {
      return Outcome.NOT_REACHED;
    }
    Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
    try (Stream stream = host.open(peer, List.of(AutonatMessages.DIAL_BACK), left)) {
      stream.timeout(left);
      stream.writeMessage(DialBack.newBuilder().setNonce(nonce).build().toByteArray());
      DialBackResponse answer =
          AutonatMessages.read(
              stream, DialBackResponse.parser(), AutonatMessages.MAX_DIAL_BACK_BYTES);
      return answer.getStatus() == DialBackResponse.DialBackStatus.OK
          ? Outcome.REACHED
          : Outcome.REACHED_AND_REFUSED;
    } catch (Libp2pException e) {
      return Outcome.REACHED_AND_REFUSED;
    } finally {
      connection.close();
    }
  }

  /** Whether {@code peer}, and nobody else, answers at {@code address}. */
  boolean reaches(PeerId peer, Multiaddr address, Duration timeout) {
    try {
      host.dial(address.withPeerId(peer), timeout).close();
      return true;
    } catch (Libp2pException e) {
      return false;
    }
  }

  @Override
  public void close() {
    host.close();
  }
}
