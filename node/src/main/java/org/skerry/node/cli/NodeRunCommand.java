package org.skerry.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.config.ConfigSource;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.daemon.Daemon;
import org.skerry.node.event.EventTail;
import org.skerry.node.event.LoggedEvent;
import org.skerry.node.event.Narrator;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Run the node in the foreground until Ctrl-C: join the network, take part in the tasks of"
          + " the allowed publishers, serve others. Options win over variables and config.toml."
    },
    footer = {
      "",
      "Examples:",
      "  skerry node run --network ~/lab.toml",
      "  skerry node run --bootstrap /ip4/192.0.2.7/tcp/4001/p2p/12D3Koo… --publisher 12D3Koo…",
      "  skerry node run --no-train --no-evaluate     only hold records and blobs for others"
    })
final class NodeRunCommand implements CliAction {
  private static final long EVENT_POLL_MS = 500;

  private final Session session;

  @Mixin NetworkOptions network = new NetworkOptions();

  @Option(
      names = "--listen",
      paramLabel = "ADDR",
      description =
          "an address to listen on, as /ip4/0.0.0.0/tcp/4001 or /ip4/0.0.0.0/udp/4001/quic-v1")
  List<String> listen = new ArrayList<>();

  @Option(names = "--name", description = "what this node calls itself in its own logs")
  @Nullable String name;

  @Option(names = "--threads", paramLabel = "N", description = "CPU threads to train with")
  @Nullable String threads;

  @Option(
      names = "--nice",
      paramLabel = "N",
      description = "how far training stands back behind other programs, 0 to 19")
  @Nullable String nice;

  @Option(names = "--no-train", description = "claim nothing")
  boolean noTrain;

  @Option(names = "--no-evaluate", description = "evaluate for nobody")
  boolean noEvaluate;

  @Option(names = "--liar", hidden = true, description = "serve lies; for tests of everybody else")
  boolean liar;

  NodeRunCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("daemon.log");
    ConfigSource source = new ConfigSource(home.config(), withOptions(session.environment()));
    NodeConfig config = source.load();
    PrivateKey key = IdentityFile.loadOrCreate(home.identityKey());
    EventTail tail = new EventTail(home.events());
    tail.poll(); // what earlier runs told is no news
    // Closed last, so that the process does not end under a worker that writes its checkpoint.
    CompletableFuture<Daemon> started = new CompletableFuture<>();
    try (Ending _ = Ending.on(() -> started.thenAccept(Daemon::stop));
        Daemon daemon = Daemon.start(home, source, key, Version.text(), liar)) {
      started.complete(daemon);
      greet(daemon, config, home);
      Thread narrator = Thread.ofVirtual().start(() -> narrate(tail));
      daemon.awaitStop();
      session.terminal().say("Stopping: the worker writes a checkpoint first.");
      narrator.interrupt();
    }
  }

  /** Options as the variables they stand for, so that they are checked in the same way. */
  private Map<String, String> withOptions(Map<String, String> environment) {
    Map<String, String> out = network.over(environment);
    NetworkOptions.put(out, "SKERRY_NETWORK_LISTEN", String.join(",", listen));
    NetworkOptions.put(out, "SKERRY_NODE_NAME", name == null ? "" : name);
    NetworkOptions.put(out, "SKERRY_VOLUNTEER_THREADS", threads == null ? "" : threads);
    NetworkOptions.put(out, "SKERRY_VOLUNTEER_NICE", nice == null ? "" : nice);
    NetworkOptions.put(out, "SKERRY_VOLUNTEER_TRAIN", noTrain ? "false" : "");
    NetworkOptions.put(out, "SKERRY_VOLUNTEER_EVALUATE", noEvaluate ? "false" : "");
    return out;
  }

  private void greet(Daemon daemon, NodeConfig config, SkerryHome home) {
    Terminal terminal = session.terminal();
    for (Multiaddr address : daemon.listenAddresses()) {
      terminal.say("Listening on " + address);
    }
    if (config.bootstrap().isEmpty()) {
      terminal.say(
          "No bootstrap peer is configured, so this node waits for others to dial it. To join a"
              + " network, name one with --bootstrap or --network, or under [network] in "
              + home.config()
              + ".");
    }
    if (config.train() && config.publishers().isEmpty()) {
      terminal.say(
          "No publisher is allowed, so there is no task to work on. Allow one with --publisher, or"
              + " under [network] publishers.");
    }
  }

  private void narrate(EventTail tail) {
    try {
      while (!Thread.currentThread().isInterrupted()) {
        for (LoggedEvent event : tail.poll()) {
          Narrator.sentence(event.event()).ifPresent(session.terminal()::say);
        }
        Thread.sleep(EVENT_POLL_MS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.io.IOException e) {
      session.terminal().warn("the event log cannot be read: " + e.getMessage());
    }
  }
}
