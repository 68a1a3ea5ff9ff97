package org.skerry.libp2p.host;

import io.netty.handler.codec.quic.Quic;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Libp2pException.Reason;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.tls.QuicTls;

/**
 * QUIC version 1, by Netty's codec and its native library. Thread-safe.
 *
 * <p>A dial leaves from the port that this host listens on where there is one of that IP version: a
 * router on the way then sees one flow, whichever side begins, which is what hole punching needs.
 */
final class QuicTransport {
  private final HostContext host;
  private final EventLoops loops;
  private final QuicTls tls;

  /** Guarded by itself; those that listen first. */
  private final List<QuicSocket> sockets = new ArrayList<>();

  private QuicTransport(HostContext host, EventLoops loops) {
    this.host = host;
    this.loops = loops;
    this.tls = host.security().tls().quic();
  }

  /** Nothing where the native library does not run, and in a private network, which has no QUIC. */
  static Optional<QuicTransport> start(HostContext host, EventLoops loops) {
    return isAvailable() && host.privateNetwork().isEmpty()
        ? Optional.of(new QuicTransport(host, loops))
        : Optional.empty();
  }

  static boolean isAvailable() {
    return Quic.isAvailable();
  }

  /** What to say to somebody who wants to listen where it does not run. */
  static Libp2pException unavailable(Multiaddr address) {
    return new Libp2pException(
        Reason.UNREACHABLE,
        "cannot listen on "
            + address
            + ": "
            + (isAvailable()
                ? "there is no QUIC in a private network"
                : "QUIC's native library does not run here (" + Quic.unavailabilityCause() + ")")
            + "; listen on /tcp/ addresses alone");
  }

  /**
   * Binds {@code address}.
   *
   * @return what was bound
   */
  InetSocketAddress listen(Multiaddr address, QuicSocket.Acceptor acceptor) throws Libp2pException {
    InetSocketAddress local = SocketAddresses.literal(address);
    synchronized (sockets) {
      try {
        QuicSocket socket = QuicSocket.bind(local, host, tls, loops, Optional.of(acceptor));
        sockets.add(socket);
        return socket.address();
      } catch (IOException e) {
        throw SocketAddresses.inUse(address, e);
      }
    }
  }

  /** Dials; {@code upgrade} tells what comes of it. */
  void dial(InetSocketAddress remote, QuicUpgrade upgrade) throws Libp2pException {
    socketTo(remote.getAddress()).dial(remote, upgrade);
  }

  /**
   * Knocks at {@code remote} from the port that this host listens on; false when there is none of
   * its IP version.
   */
  boolean knock(InetSocketAddress remote) {
    synchronized (sockets) {
      for (QuicSocket socket : sockets) {
        if (socket.listens() && socket.reaches(remote.getAddress())) {
          socket.knock(remote);
          return true;
        }
      }
      return false;
    }
  }

  private QuicSocket socketTo(InetAddress remote) throws Libp2pException {
    synchronized (sockets) {
      for (QuicSocket socket : sockets) {
        if (socket.reaches(remote)) {
          return socket;
        }
      }
      try {
        InetAddress any = InetAddress.ofLiteral(remote instanceof Inet4Address ? "0.0.0.0" : "::");
        QuicSocket socket =
            QuicSocket.bind(new InetSocketAddress(any, 0), host, tls, loops, Optional.empty());
        sockets.add(socket);
        return socket;
      } catch (IOException e) {
        throw new Libp2pException(
            Reason.UNREACHABLE, "no UDP socket to dial from: " + e.getMessage(), e);
      }
    }
  }

  void close() {
    synchronized (sockets) {
      sockets.forEach(QuicSocket::close);
    }
  }
}
