package org.skerry.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.node.NodeException;
import org.skerry.node.control.ControlClient;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;

/** {@code skerry node run} with a home and a port that stay when it is killed and started again. */
final class DaemonProcess implements AutoCloseable {
  private final SkerryHome home;
  private final List<String> arguments;
  private final PeerId peer;
  private final Multiaddr address;
  private @Nullable Process process;
  private long startedNanos;

  DaemonProcess(Path root, String name, List<String> more) throws IOException, NodeException {
    home = new SkerryHome(root.resolve(name));
    home.create();
    peer = PeerId.of(IdentityFile.loadOrCreate(home.identityKey()).publicKey());
    address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + freePort());
    arguments =
        new ArrayList<>(List.of("node", "run", "--name", name, "--listen", address.toString()));
    arguments.addAll(more);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  void start() throws IOException {
    process = run(home, arguments);
    startedNanos = System.nanoTime();
  }

  /** Runs {@code skerry} in a process of its own; what it prints goes to its log folder. */
  static Process run(SkerryHome home, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx96m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dskerry.installation=" + Path.of("..").toRealPath(),
            "-cp",
            System.getProperty("java.class.path"),
            "org.skerry.node.cli.Main"));
    command.addAll(arguments);
    command.addAll(List.of("--home", home.root().toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(home.logs().resolve("terminal.log").toFile()));
    builder.environment().keySet().removeIf(variable -> variable.startsWith("SKERRY_"));
    builder.environment().put("SKERRY_VOLUNTEER_MEASURE", "false");
    return builder.start();
  }

  /** SIGKILL. */
  void kill() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      running.waitFor();
    }
  }

  boolean isAlive() {
    Process running = process;
    return running != null && running.isAlive();
  }

  /** Whether it has been up for so long. */
  boolean isUpFor(long seconds) {
    return isAlive() && System.nanoTime() - startedNanos > seconds * 1_000_000_000;
  }

  PeerId peer() {
    return peer;
  }

  /** Where it listens, with {@code /p2p/PEER} at the end. */
  Multiaddr address() {
    return address.withPeerId(peer);
  }

  SkerryHome home() {
    return home;
  }

  /** Nothing while it does not answer. */
  Optional<NodeStatus> status() {
    try (ControlClient client = ControlClient.open(home)) {
      return Optional.of(client.status());
    } catch (NodeException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
    }
  }
}
