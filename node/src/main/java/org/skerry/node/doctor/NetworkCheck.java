package org.skerry.node.doctor;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.skerry.libp2p.Multiaddr;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.control.ControlClient;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.home.SkerryHome;

/** The daemon, or what it would listen on, and whom it knows. */
final class NetworkCheck {
  private NetworkCheck() {}

  static List<Finding> findings(SkerryHome home, NodeConfig config) {
    List<Finding> out = new ArrayList<>();
    boolean runs = false;
    try (ControlClient daemon = ControlClient.open(home)) {
      NodeStatus status = daemon.status();
      runs = true;
      out.add(running(status));
      out.addAll(ReachCheck.findings(status));
    } catch (NodeException e) {
      if (e.reason() == Reason.NO_DAEMON) {
        out.add(Finding.ok("daemon", "none runs on this home"));
        config.listen().forEach(address -> out.add(port(address)));
        out.add(ReachCheck.notRunning());
      } else {
        out.add(Finding.of("daemon", e));
      }
    }
    if (config.bootstrap().isEmpty() && !runs) {
      out.add(
          Finding.warning(
              "network",
              "no bootstrap peer is configured: this node waits for others to dial it",
              "name one with --bootstrap or --network, or under [network]"));
    }
    if (config.train() && config.publishers().isEmpty()) {
      out.add(
          Finding.warning(
              "tasks",
              "no publisher is allowed, so there is nothing to train",
              "allow one with --publisher, or under [network] publishers"));
    }
    return out;
  }

  private static Finding running(NodeStatus status) {
    String what =
        "it runs: %s; %d connections, listening on %s"
            .formatted(status.doing(), status.connections(), String.join(", ", status.addresses()));
    boolean isToldBelow = !status.ways().verdict().equals("local");
    return status.connections() > 0 || isToldBelow
        ? Finding.ok("daemon", what)
        : Finding.warning(
            "daemon",
            what,
            "check the addresses under [network] bootstrap, and that a firewall lets TCP or UDP out");
  }

  private static Finding port(Multiaddr address) {
    int port =
        Integer.parseInt(
            address
                .value(Multiaddr.Protocol.TCP)
                .or(() -> address.value(Multiaddr.Protocol.UDP))
                .orElse("0"));
    String host =
        address
            .value(Multiaddr.Protocol.IP4)
            .or(() -> address.value(Multiaddr.Protocol.IP6))
            .orElse("0.0.0.0");
    try {
      bind(address, new InetSocketAddress(host, port));
      return Finding.ok(
          "port", port == 0 ? "any free one is taken" : address + " is free to listen on");
    } catch (IOException e) {
      return Finding.problem(
          "port",
          "%s cannot be listened on (%s)".formatted(address, e.getMessage()),
          "stop the program that has it, or choose another under [network] listen");
    }
  }

  private static void bind(Multiaddr address, InetSocketAddress socket) throws IOException {
    if (address.isQuic()) {
      new DatagramSocket(socket).close();
      return;
    }
    try (ServerSocket server = new ServerSocket()) {
      server.setReuseAddress(true); // as the daemon does: its own old connections do not count
      server.bind(socket);
    }
  }
}
