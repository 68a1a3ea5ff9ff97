package org.skerry.libp2p.ping;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;

/**
 * {@code /ipfs/ping/1.0.0}: the other side sends 32 random bytes back.
 *
 * @see <a href="https://github.com/libp2p/specs/blob/master/ping/ping.md">ping</a>
 */
public final class Ping {
  public static final String PROTOCOL = "/ipfs/ping/1.0.0";
  private static final int PAYLOAD_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Ping() {}

  /** Echoes until the other side ends its half. */
  public static void serve(Stream stream) throws Libp2pException {
    ByteBuffer payload = ByteBuffer.allocate(PAYLOAD_BYTES);
    while (true) {
      payload.clear();
      while (payload.hasRemaining()) {
        if (stream.read(payload) < 0) {
          return;
        }
      }
      stream.write(payload.flip());
    }
  }

  /** The round trip to {@code peer} over a stream that is open already. */
  public static Duration measure(Host host, PeerId peer, Duration timeout) throws Libp2pException {
    byte[] payload = new byte[PAYLOAD_BYTES];
    RANDOM.nextBytes(payload);
    try (Stream stream = host.open(peer, List.of(PROTOCOL), timeout)) {
      stream.timeout(timeout);
      long start = System.nanoTime();
      stream.write(ByteBuffer.wrap(payload));
      byte[] echo = stream.readFully(PAYLOAD_BYTES);
      long end = System.nanoTime();
      if (!Arrays.equals(echo, payload)) {
        throw new Libp2pException(
            Reason.PROTOCOL_VIOLATION, "peer " + peer.shortText() + " answers a ping with noise");
      }
      return Duration.ofNanos(end - start);
    }
  }
}
