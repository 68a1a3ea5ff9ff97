package org.skerry.node.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.config.ConfigLoader;
import org.skerry.node.config.NodeConfig;
import picocli.CommandLine.Option;

/** Which network to ask; as variables, so that they are checked in the same way. */
final class NetworkOptions {
  @Option(names = "--network", paramLabel = "FILE", description = "the network definition to join")
  @Nullable String network;

  @Option(
      names = "--bootstrap",
      paramLabel = "ADDR",
      description = "a peer to join through, as /ip4/…/tcp/…/p2p/PEER")
  List<String> bootstrap = new ArrayList<>();

  @Option(
      names = "--publisher",
      paramLabel = "PEER",
      description = "somebody whose tasks are welcome")
  List<String> publisher = new ArrayList<>();

  @Option(
      names = "--network-key",
      paramLabel = "FILE",
      description = "the key of a private network")
  @Nullable Path networkKey;

  NodeConfig config(Session session) throws NodeException {
    return ConfigLoader.load(session.home().config(), over(session.environment()));
  }

  Map<String, String> over(Map<String, String> environment) {
    Map<String, String> out = new HashMap<>(environment);
    put(out, "SKERRY_NETWORK_BOOTSTRAP", String.join(",", bootstrap));
    put(out, "SKERRY_NETWORK_PUBLISHERS", String.join(",", publisher));
    put(out, "SKERRY_NETWORK_FILE", network == null ? "" : network);
    put(
        out,
        "SKERRY_NETWORK_KEY",
        networkKey == null ? "" : networkKey.toAbsolutePath().toString());
    return out;
  }

  static void put(Map<String, String> map, String name, String value) {
    if (!value.isEmpty()) {
      map.put(name, value);
    }
  }
}
