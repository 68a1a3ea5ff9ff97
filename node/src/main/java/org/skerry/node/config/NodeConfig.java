package org.skerry.node.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.host.BlockList;
import org.skerry.libp2p.host.Sockets;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.skerry.trainer.training.Recompute;

/**
 * What the owner of a node decided.
 *
 * @param name what the owner calls this node in its own logs and pages
 * @param listen the addresses to listen on
 * @param networkFile the network definition, when one is named
 * @param sockets by what the network's sockets are driven
 * @param privateNetwork the key of the private network that it lives in, if it does
 * @param localDiscovery whether peers of the local network are looked for
 * @param mapPorts whether the router is asked to let connections in
 * @param blocked with whom it has no connections
 * @param bootstrap the peers to join through, each with its {@code /p2p/PEER}
 * @param publishers whose tasks this node may take
 * @param train whether it claims units to train
 * @param evaluate whether it evaluates for tasks that name it
 * @param relay whether it carries connections to peers behind routers, when others reach it
 * @param threads CPU threads of the worker
 * @param nice how far training stands back behind other programs, 0 to 19
 * @param device what is trained on: {@code auto}, {@code cpu} or {@code cuda:N}
 * @param recompute whether training computes blocks again for their gradient, to save memory
 * @param measure whether speed is measured before the first claim of a kind
 * @param memoryBytes how much a worker may have
 * @param diskBytes how much the blobs of others may take
 * @param duty the part of the time in which training computes, in percent
 * @param traffic what blobs may take of the line
 * @param guest when it may compute, and when blobs may pass
 * @param controlPort the loopback port of the control interface, 0 for any free one
 */
public record NodeConfig(
    String name,
    List<Multiaddr> listen,
    Sockets sockets,
    Optional<Path> networkFile,
    Optional<PreSharedKey> privateNetwork,
    boolean localDiscovery,
    boolean mapPorts,
    BlockList blocked,
    List<Multiaddr> bootstrap,
    List<PeerId> publishers,
    boolean train,
    boolean evaluate,
    boolean relay,
    int threads,
    int nice,
    String device,
    Recompute recompute,
    boolean measure,
    long memoryBytes,
    long diskBytes,
    int duty,
    TrafficLimits traffic,
    GuestRules guest,
    int controlPort) {
  public NodeConfig {
    listen = List.copyOf(listen);
    bootstrap = List.copyOf(bootstrap);
    publishers = List.copyOf(publishers);
  }

  /** What of {@code newer} does not hold in a running node before a restart: names of settings. */
  public List<String> heldUntilRestart(NodeConfig newer) {
    Map<String, Function<NodeConfig, Object>> fixed = new LinkedHashMap<>();
    fixed.put("node.name", NodeConfig::name);
    fixed.put("network.listen", NodeConfig::listen);
    fixed.put("network.sockets", NodeConfig::sockets);
    fixed.put("network.key", NodeConfig::privateNetwork);
    fixed.put("network.local-discovery", NodeConfig::localDiscovery);
    fixed.put("network.map-ports", NodeConfig::mapPorts);
    fixed.put("network.bootstrap", NodeConfig::bootstrap);
    fixed.put("volunteer.train", NodeConfig::train);
    fixed.put("volunteer.evaluate", NodeConfig::evaluate);
    fixed.put("volunteer.relay", NodeConfig::relay);
    fixed.put("volunteer.device", NodeConfig::device);
    fixed.put("volunteer.measure", NodeConfig::measure);
    fixed.put("control.port", NodeConfig::controlPort);
    return fixed.entrySet().stream()
        .filter(setting -> !setting.getValue().apply(this).equals(setting.getValue().apply(newer)))
        .map(Map.Entry::getKey)
        .toList();
  }
}
