package org.skerry.libp2p.portmap;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.skerry.libp2p.portmap.NatPmpPackets.Answer;
import org.skerry.libp2p.portmap.RouterException.Kind;

/** A router that is asked by NAT-PMP. */
final class NatPmpRouter implements Router {
  /** A request is repeated after so long, then after twice that, and so on (RFC 6886, 3.1). */
  private static final long FIRST_WAIT_MS = 250;

  private static final int TRIES = 4;
  private static final InetAddress NO_ADDRESS = InetAddress.ofLiteral("0.0.0.0");

  private final InetSocketAddress gateway;
  private final Epoch epoch;

  NatPmpRouter(InetSocketAddress gateway, InstantSource clock) {
    this.gateway = gateway;
    this.epoch = new Epoch(clock);
  }

  @Override
  public String name() {
    return "NAT-PMP at " + gateway.getAddress().getHostAddress();
  }

  @Override
  public Look look(Collection<Lease> held) throws RouterException {
    return switch (ask(NatPmpPackets.addressRequest(), TRIES)) {
      case Answer.Address(long seconds, var external) ->
          new Look(external, epoch.hasRestarted(seconds));
      case Answer.NoAddress none -> new Look(NO_ADDRESS, false);
      case Answer other -> throw refused(other);
    };
  }

  @Override
  public Lease map(Port port, int wished, Duration lifetime) throws RouterException {
    byte[] request = NatPmpPackets.mapRequest(port, wished, lifetime.toSeconds());
    return switch (ask(request, TRIES)) {
      case Answer.Mapping(long any, Port mapped, int external, long seconds)
          when mapped.equals(port) && seconds > 0 ->
          new Lease(port, external, seconds);
      case Answer other -> throw refused(other);
    };
  }

  @Override
  public void unmap(Lease lease) throws RouterException {
    Answer answer = ask(NatPmpPackets.mapRequest(lease.port(), 0, 0), 2);
    if (!(answer instanceof Answer.Mapping)) {
      throw refused(answer);
    }
  }

  private static RouterException refused(Answer answer) {
    return switch (answer) {
      case Answer.Refused(String why) -> new RouterException(Kind.REFUSED, why);
      case Answer.NoAddress none ->
          new RouterException(Kind.REFUSED, "it has no public address itself");
      case Answer.Malformed(String detail) ->
          new RouterException(Kind.MALFORMED, "it answers with " + detail);
      case Answer.Address a -> new RouterException(Kind.MALFORMED, "it answers something else");
      case Answer.Mapping m -> new RouterException(Kind.MALFORMED, "it maps something else");
    };
  }

  private Answer ask(byte[] request, int tries) throws RouterException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(gateway); // answers of others do not come through
      for (int i = 0; i < tries; i++) {
        socket.send(new DatagramPacket(request, request.length));
        byte[] answer = receive(socket, request, FIRST_WAIT_MS << i);
        if (answer.length > 0) {
          return NatPmpPackets.read(answer);
        }
      }
      throw new RouterException(Kind.SILENT, "it does not answer");
    } catch (IOException e) {
      // Most often: the port is closed there.
      throw new RouterException(Kind.SILENT, "it does not answer", e);
    }
  }

  /** The answer; nothing when none comes in time. */
  private static byte[] receive(DatagramSocket socket, byte[] request, long waitMs)
      throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs);
    DatagramPacket packet =
        new DatagramPacket(new byte[NatPmpPackets.MAX_BYTES], NatPmpPackets.MAX_BYTES);
    while (true) {
      long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (leftMs <= 0) {
        return new byte[0];
      }
      socket.setSoTimeout((int) leftMs);
      packet.setLength(NatPmpPackets.MAX_BYTES);
      try {
        socket.receive(packet);
      } catch (SocketTimeoutException e) {
        return new byte[0];
      }
      byte[] answer = Arrays.copyOf(packet.getData(), packet.getLength());
      if (NatPmpPackets.answers(answer, request)) {
        return answer;
      }
    }
  }
}
