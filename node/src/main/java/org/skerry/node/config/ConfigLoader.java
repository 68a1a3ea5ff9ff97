package org.skerry.node.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Subnet;
import org.skerry.libp2p.crypto.KeyFormatException;
import org.skerry.libp2p.host.BlockList;
import org.skerry.libp2p.host.Sockets;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.device.Devices;
import org.skerry.node.device.MachineMemory;
import org.skerry.node.home.DiskTrouble;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.MemoryCap;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

/** Turns {@code config.toml}, its network file and {@code SKERRY_*} variables into a config. */
public final class ConfigLoader {
  private static final long MAX_FILE_BYTES = 1 << 20;
  private static final String SOCKETS_REMEDY = "write \"auto\", \"epoll\", \"io_uring\" or \"nio\"";

  private static final String ADDRESS_REMEDY =
      "write an address such as \"/ip4/0.0.0.0/tcp/4001\" or \"/ip4/0.0.0.0/udp/4001/quic-v1\"";
  private static final String PEER_ADDRESS_REMEDY =
      "write an address with its peer, such as \"/dns4/host/tcp/4001/p2p/12D3Koo…\"";
  private static final String PEER_REMEDY =
      "write a peer id such as \"12D3Koo…\" (`skerry keys show` prints one)";

  private ConfigLoader() {}

  /**
   * What a configuration says, and what is wrong with it.
   *
   * @param config the values that could be read, with defaults for the rest
   */
  public record Loaded(NodeConfig config, List<Mistake> mistakes) {
    public Loaded {
      mistakes = List.copyOf(mistakes);
    }
  }

  /** Loads a configuration that has no mistakes. */
  public static NodeConfig load(Path file, Map<String, String> environment) throws NodeException {
    Loaded loaded = check(file, environment);
    if (!loaded.mistakes().isEmpty()) {
      Mistake first = loaded.mistakes().getFirst();
      int more = loaded.mistakes().size() - 1;
      throw new NodeException(
          Reason.CONFIG_INVALID,
          first.where() + ": " + first.what(),
          first.remedy()
              + (more > 0 ? " (and " + more + " more: run `skerry config validate`)" : ""));
    }
    return loaded.config();
  }

  /** Loads a configuration and lists every mistake in it; a missing file means the defaults. */
  public static Loaded check(Path file, Map<String, String> environment) throws NodeException {
    String text = Files.exists(file) ? read(file) : "";
    Settings settings =
        new Settings(file.toString(), new TomlDocument(file.toString(), text), environment);
    Optional<Path> networkFile =
        settings
            .parsed("network.file", "write the path of a network file", Path::of)
            .map(path -> file.toAbsolutePath().resolveSibling(path).normalize());
    Optional<PreSharedKey> privateNetwork =
        settings.parsed(
            "network.key",
            "write the path of the key file that the network's members share",
            path -> networkKey(file.toAbsolutePath().resolveSibling(path).normalize()));
    List<Mistake> mistakes = new ArrayList<>();
    Set<Multiaddr> bootstrap = new LinkedHashSet<>(addresses(settings, "network.bootstrap"));
    Set<PeerId> publishers =
        new LinkedHashSet<>(
            settings.list("network.publishers", PEER_REMEDY, PeerId::parse).orElse(List.of()));
    if (networkFile.isPresent()) {
      NetworkFile network = readNetwork(networkFile.get(), mistakes);
      bootstrap.addAll(network.bootstrap());
      publishers.addAll(network.publishers());
    }
    NodeConfig config =
        new NodeConfig(
            settings.text("node.name", ""),
            settings
                .list("network.listen", ADDRESS_REMEDY, ConfigLoader::listenAddress)
                .orElseGet(() -> usualListen(privateNetwork.isPresent())),
            settings
                .parsed("network.sockets", SOCKETS_REMEDY, ConfigLoader::sockets)
                .orElseGet(Sockets::best),
            networkFile,
            privateNetwork,
            settings.flag("network.local-discovery", false),
            settings.flag("network.map-ports", true),
            blocked(settings),
            List.copyOf(bootstrap),
            List.copyOf(publishers),
            settings.flag("volunteer.train", true),
            settings.flag("volunteer.evaluate", true),
            settings.flag("volunteer.relay", true),
            settings.integer(
                "volunteer.threads", 1, 1024, Runtime.getRuntime().availableProcessors()),
            settings.integer("volunteer.nice", 0, 19, 10),
            settings
                .parsed("volunteer.device", "write \"auto\", \"cpu\" or \"cuda:0\"", Devices::parse)
                .orElse(Devices.AUTO),
            settings
                .parsed(
                    "volunteer.gradient-checkpointing",
                    "write \"auto\", \"on\" or \"off\"",
                    ConfigLoader::recompute)
                .orElse(Recompute.AUTO),
            settings.flag("volunteer.measure", true),
            settings
                .parsed("limits.memory", "write a size such as \"8 GiB\"", ConfigLoader::memoryCap)
                .orElseGet(MachineMemory::usualCapBytes),
            settings
                .parsed("limits.disk", "write a size such as \"20 GiB\"", ByteSize::parse)
                .orElse(20L << 30),
            settings.integer("limits.duty", 1, 100, 100),
            traffic(settings),
            guestRules(settings),
            settings.integer("control.port", 0, 65535, 0));
    mistakes.addAll(0, settings.mistakes());
    return new Loaded(config, mistakes);
  }

  /** Loads a network definition that has no mistakes. */
  public static NetworkFile network(Path file) throws NodeException {
    List<Mistake> mistakes = new ArrayList<>();
    NetworkFile network = readNetwork(file, mistakes);
    if (!mistakes.isEmpty()) {
      Mistake first = mistakes.getFirst();
      throw new NodeException(
          Reason.CONFIG_INVALID, first.where() + ": " + first.what(), first.remedy());
    }
    return network;
  }

  private static NetworkFile readNetwork(Path file, List<Mistake> mistakes) throws NodeException {
    if (!Files.exists(file)) {
      mistakes.add(
          new Mistake(
              file.toString(),
              "the network file does not exist",
              "correct network.file, or ask the network's operator for it"));
      return new NetworkFile("", List.of(), List.of());
    }
    Settings settings =
        new Settings(file.toString(), new TomlDocument(file.toString(), read(file)), Map.of());
    NetworkFile network =
        new NetworkFile(
            settings.text("name", ""),
            addresses(settings, "bootstrap"),
            settings.list("publishers", PEER_REMEDY, PeerId::parse).orElse(List.of()));
    mistakes.addAll(settings.mistakes());
    return network;
  }

  private static PreSharedKey networkKey(Path file) {
    try {
      return PreSharedKey.read(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("there is no file " + file, e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + DiskTrouble.describe(e), e);
    } catch (KeyFormatException e) {
      throw new IllegalArgumentException(file + " is no key file: " + e.getMessage(), e);
    }
  }

  private static BlockList blocked(Settings settings) {
    Set<PeerId> peers = new LinkedHashSet<>();
    List<Subnet> subnets = new ArrayList<>();
    settings.list(
        "network.block",
        "write a peer id, an IP address, or a subnet such as \"203.0.113.0/24\"",
        text ->
            text.contains(".") || text.contains(":")
                ? subnets.add(Subnet.parse(text))
                : peers.add(PeerId.parse(text)));
    return new BlockList(peers, subnets);
  }

  private static List<Multiaddr> addresses(Settings settings, String path) {
    return settings.list(path, PEER_ADDRESS_REMEDY, ConfigLoader::peerAddress).orElse(List.of());
  }

  private static Multiaddr peerAddress(String text) {
    Multiaddr address = Multiaddr.parse(text);
    if (address.peerId().isEmpty()) {
      throw new IllegalArgumentException("it has no /p2p/PEER at its end");
    }
    return address;
  }

  private static Multiaddr listenAddress(String text) {
    Multiaddr address = Multiaddr.parse(text);
    if (address.peerId().isPresent() || !(address.isTcp() || address.isQuic())) {
      throw new IllegalArgumentException(
          "it is no /ip4/…/tcp/… or /ip4/…/udp/…/quic-v1 to listen on");
    }
    return address;
  }

  /**
   * TCP, and QUIC at the port of the same number where its library runs; a private one has none.
   */
  private static List<Multiaddr> usualListen(boolean privateNetwork) {
    Multiaddr tcp = Multiaddr.parse("/ip4/0.0.0.0/tcp/4001");
    return TcpHost.speaksQuic() && !privateNetwork
        ? List.of(tcp, Multiaddr.parse("/ip4/0.0.0.0/udp/4001/quic-v1"))
        : List.of(tcp);
  }

  private static Sockets sockets(String text) {
    Sockets sockets =
        switch (text) {
          case "auto" -> Sockets.best();
          case "nio" -> Sockets.NIO;
          case "epoll" -> Sockets.EPOLL;
          case "io_uring" -> Sockets.IO_URING;
          default -> throw new IllegalArgumentException("'" + text + "' is none of them");
        };
    if (!sockets.isAvailable()) {
      throw new IllegalArgumentException("this machine has no '" + text + "'");
    }
    return sockets;
  }

  private static Recompute recompute(String text) {
    return switch (text) {
      case "auto" -> Recompute.AUTO;
      case "on" -> Recompute.ON;
      case "off" -> Recompute.OFF;
      default -> throw new IllegalArgumentException("'" + text + "' is none of them");
    };
  }

  private static long memoryCap(String text) {
    return new MemoryCap(ByteSize.parse(text)).bytes();
  }

  private static TrafficLimits traffic(Settings settings) {
    Rates upload = rates(settings, "limits.upload", Rates.UNLIMITED);
    Rates download = rates(settings, "limits.download", Rates.UNLIMITED);
    TrafficLimits.WhileActive whileActive =
        new TrafficLimits.WhileActive(
            rates(settings, "limits.while-active.upload", upload),
            rates(settings, "limits.while-active.download", download),
            Duration.ofMinutes(
                settings.integer("limits.while-active.away-after-minutes", 1, 1440, 5)));
    boolean same = whileActive.upload().equals(upload) && whileActive.download().equals(download);
    return new TrafficLimits(
        upload,
        quota(settings, "limits.upload"),
        download,
        quota(settings, "limits.download"),
        same ? Optional.empty() : Optional.of(whileActive));
  }

  private static GuestRules guestRules(Settings settings) {
    int idleMinutes = settings.integer("limits.idle-minutes", 0, 1440, 0);
    int maxCelsius = settings.integer("limits.max-celsius", 0, 150, 0);
    return new GuestRules(
        hours(settings, "limits.hours"),
        hours(settings, "limits.network-hours"),
        idleMinutes == 0 ? Optional.empty() : Optional.of(Duration.ofMinutes(idleMinutes)),
        settings.flag("limits.on-battery", false),
        settings.flag("limits.on-metered", false),
        settings
            .list("limits.pause-beside", "write names such as \"blender\"", Function.identity())
            .orElse(List.of()),
        maxCelsius == 0 ? Optional.empty() : Optional.of(maxCelsius),
        settings
            .parsed("limits.min-free-disk", "write a size such as \"2 GiB\"", ByteSize::parse)
            .orElse(1L << 30),
        settings.parsed(
            "limits.ask", "write a command, or a URL such as \"http://home/cheap\"", text -> text));
  }

  private static Optional<WeeklyHours> hours(Settings settings, String path) {
    return settings
        .list(
            path, "write hours such as \"mon-fri 18:00-08:00\" or \"sat sun\"", WeeklyHours::parse)
        .filter(parts -> !parts.isEmpty())
        .map(WeeklyHours::anyOf);
  }

  private static Rates rates(Settings settings, String path, Rates usual) {
    return new Rates(
        rate(settings, path, usual.total()), rate(settings, path + "-per-peer", usual.perPeer()));
  }

  private static long rate(Settings settings, String path, long usual) {
    return settings
        .parsed(path, "write bytes a second, such as \"2 MiB\"", ConfigLoader::rate)
        .orElse(usual);
  }

  private static long rate(String text) {
    long bytes = ByteSize.parse(text);
    if (bytes < Rates.SLOWEST) {
      throw new IllegalArgumentException(
          "it is under " + ByteSize.format(Rates.SLOWEST) + " a second, with which nothing moves");
    }
    return bytes;
  }

  private static Quota.Limits quota(Settings settings, String path) {
    return new Quota.Limits(
        amount(settings, path + "-per-day"), amount(settings, path + "-per-month"));
  }

  private static long amount(Settings settings, String path) {
    return settings
        .parsed(path, "write a size such as \"20 GiB\"", ConfigLoader::amount)
        .orElse(Rates.ANY);
  }

  private static long amount(String text) {
    long bytes = ByteSize.parse(text);
    if (bytes < 1) {
      throw new IllegalArgumentException("nothing could pass; stop the node instead");
    }
    return bytes;
  }

  private static String read(Path file) throws NodeException {
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new NodeException(
            Reason.CONFIG_INVALID,
            file + " has more than 1 MiB",
            "check that it is a configuration file");
      }
      return Files.readString(file);
    } catch (IOException e) {
      throw new NodeException(
          Reason.CONFIG_INVALID,
          "cannot read " + file + " (" + DiskTrouble.describe(e) + ")",
          "check its permissions and that it is UTF-8 text",
          e);
    }
  }
}
