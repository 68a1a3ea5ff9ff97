package org.skerry.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Subnet;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.BlockList;
import org.skerry.libp2p.host.Sockets;
import org.skerry.libp2p.pnet.PreSharedKey;
import org.skerry.node.NodeException;
import org.skerry.trainer.training.Recompute;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;

class ConfigLoaderTest {
  private static final PeerId PEER = PeerId.of(PrivateKey.ofSeed(new byte[32]).publicKey());

  @TempDir Path folder;

  @Test
  void readsEverySettingAndTheNetworkFileBesideIt() throws Exception {
    write(
        "nets/test.toml",
        "name = \"test\"\nbootstrap = [\"/ip4/10.0.0.1/tcp/1/p2p/"
            + PEER
            + "\"]\n"
            + "publishers = [\""
            + PEER
            + "\"]\n");
    write(
        "nets/swarm.key",
        "/key/swarm/psk/1.0.0/\n/base16/\n" + "0123456789abcdef".repeat(4) + "\n");
    Path file =
        write(
            "config.toml",
            """
            [node]
            name = "ada"
            [network]
            listen = ["/ip4/127.0.0.1/tcp/0"]
            file = "nets/test.toml"
            key = "nets/swarm.key"
            local-discovery = true
            sockets = "nio"
            map-ports = false
            block = ["203.0.113.0/24", "2001:db8::7", "%s"]
            [volunteer]
            train = false
            threads = 3
            gradient-checkpointing = "on"
            device = "cuda:1"
            measure = false
            [limits]
            disk = "1.5 GiB"
            memory = "2 GiB"
            upload = "1 MiB"
            upload-per-peer = "512 KiB"
            download = "20 MB"
            download-per-day = "5 GiB"
            [limits.while-active]
            upload = "256 KiB"
            away-after-minutes = 10
            [control]
            port = 7777
            """
                .formatted(PEER));

    NodeConfig config =
        ConfigLoader.load(
            file,
            Map.of(
                "SKERRY_LIMITS_UPLOAD_PER_MONTH", "100 GB",
                "SKERRY_LIMITS_WHILE_ACTIVE_DOWNLOAD_PER_PEER", "1 MB"));

    assertThat(config.name()).isEqualTo("ada");
    assertThat(config.listen()).hasToString("[/ip4/127.0.0.1/tcp/0]");
    assertThat(config.bootstrap()).hasToString("[/ip4/10.0.0.1/tcp/1/p2p/" + PEER + "]");
    assertThat(config.publishers()).containsExactly(PEER);
    assertThat(config.privateNetwork())
        .contains(PreSharedKey.read(file.resolveSibling("nets/swarm.key")));
    assertThat(config.localDiscovery()).isTrue();
    assertThat(config.sockets()).isEqualTo(Sockets.NIO);
    assertThat(config.mapPorts()).isFalse();
    assertThat(config.blocked())
        .isEqualTo(
            new BlockList(
                Set.of(PEER),
                List.of(Subnet.parse("203.0.113.0/24"), Subnet.parse("2001:db8::7/128"))));
    assertThat(config.train()).isFalse();
    assertThat(config.evaluate()).isTrue();
    assertThat(config.threads()).isEqualTo(3);
    assertThat(config.recompute()).isEqualTo(Recompute.ON);
    assertThat(config.device()).isEqualTo("cuda:1");
    assertThat(config.measure()).isFalse();
    assertThat(config.memoryBytes()).isEqualTo(2L << 30);
    assertThat(config.diskBytes()).isEqualTo(3L << 29);
    assertThat(config.traffic())
        .isEqualTo(
            new TrafficLimits(
                new Rates(1 << 20, 1 << 19),
                new Quota.Limits(Rates.ANY, 100_000_000_000L),
                new Rates(20_000_000, Rates.ANY),
                new Quota.Limits(5L << 30, Rates.ANY),
                Optional.of(
                    new TrafficLimits.WhileActive(
                        new Rates(256 << 10, 1 << 19),
                        new Rates(20_000_000, 1_000_000),
                        Duration.ofMinutes(10)))));
    assertThat(config.controlPort()).isEqualTo(7777);
  }

  @Test
  void saysWhatIsWrongWithAKeyFile() throws Exception {
    Path file = write("config.toml", "[network]\nkey = \"swarm.key\"\n");
    Path key = file.resolveSibling("swarm.key").toAbsolutePath();
    assertThat(ConfigLoader.check(file, Map.of()).mistakes())
        .extracting(Mistake::toString)
        .containsExactly(
            file
                + ":2: network.key = \"swarm.key\" is not valid (there is no file "
                + key
                + "); write the path of the key file that the network's members share");
    write("swarm.key", "/key/swarm/psk/1.0.0/\n/base16/\nabcd\n");
    assertThat(ConfigLoader.check(file, Map.of()).mistakes())
        .singleElement()
        .extracting(Mistake::what)
        .asString()
        .contains(key + " is no key file: its key has 2 bytes, not 32")
        .doesNotContain("abcd");
  }

  @Test
  void listsEveryMistakeWithItsLineAndARemedy() throws Exception {
    Path file =
        write(
            "config.toml",
            """
            [network]
            listen = ["tcp://x"]
            bootsrap = []
            block = ["203.0.113.1/24"]
            [volunteer]
            threads = 0
            train = "yes"
            device = "gpu"
            [limits]
            memory = "100 MiB"
            download = "5 KiB"
            [limits.while-active]
            upload = "fast"
            download-per-day = "1 GiB"
            away-after-minutes = 0
            """);

    var mistakes = ConfigLoader.check(file, Map.of("SKERRY_CONTROL_PORT", "high")).mistakes();

    assertThat(mistakes)
        .extracting(Mistake::toString)
        .anyMatch(
            m -> m.startsWith(file + ":2: network.listen = \"tcp://x\"") && m.contains("; write"))
        .anyMatch(m ->
            m.equals(
                file + ":3: there is no setting network.bootsrap; did you mean network.bootstrap?"))
        .anyMatch(m ->
            m.startsWith(file + ":4: network.block = \"203.0.113.1/24\"")
                && m.contains("; write a peer id, an IP address, or a subnet"))
        .anyMatch(m -> m.startsWith(file + ":6: volunteer.threads = 0"))
        .anyMatch(m -> m.startsWith(file + ":7: volunteer.train"))
        .anyMatch(m ->
            m.startsWith(file + ":8: volunteer.device = \"gpu\"")
                && m.endsWith("; write \"auto\", \"cpu\" or \"cuda:0\""))
        .anyMatch(m ->
            m.startsWith(file + ":10: limits.memory = \"100 MiB\"")
                && m.contains("a worker needs at least 512 MiB"))
        .anyMatch(m ->
            m.startsWith(file + ":11: limits.download = \"5 KiB\"")
                && m.contains("it is under 32.0 KiB a second"))
        .anyMatch(m ->
            m.equals(
                file
                    + ":13: limits.while-active.upload = \"fast\" is not valid (not a size);"
                    + " write bytes a second, such as \"2 MiB\""))
        .anyMatch(m ->
            m.startsWith(file + ":14: there is no setting limits.while-active.download-per-day"))
        .anyMatch(m ->
            m.startsWith(file + ":15: limits.while-active.away-after-minutes = 0")
                && m.endsWith("; write a whole number from 1 to 1440"))
        .anyMatch(m -> m.startsWith("SKERRY_CONTROL_PORT: \"high\""))
        .hasSize(12);
  }

  @Test
  void readsWhenTheComputerIsLent() throws Exception {
    GuestRules usual = ConfigLoader.load(write("config.toml", ""), Map.of()).guest();
    assertThat(usual)
        .isEqualTo(
            new GuestRules(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                false,
                List.of(),
                Optional.empty(),
                1L << 30,
                Optional.empty()));
    NodeConfig config =
        ConfigLoader.load(
            write(
                "config.toml",
                """
                [limits]
                hours = ["mon-fri 18:00-08:00", "sat sun"]
                network-hours = ["mon-sun 01:00-05:00"]
                idle-minutes = 10
                on-battery = true
                on-metered = true
                pause-beside = ["blender", "Game.exe"]
                max-celsius = 85
                min-free-disk = "5 GiB"
                ask = "https://power.example/cheap"
                duty = 50
                """),
            Map.of());
    assertThat(config.duty()).isEqualTo(50);
    assertThat(config.guest())
        .isEqualTo(
            new GuestRules(
                Optional.of(
                    WeeklyHours.anyOf(
                        List.of(
                            WeeklyHours.parse("mon-fri 18:00-08:00"),
                            WeeklyHours.parse("sat sun")))),
                Optional.of(WeeklyHours.parse("mon-sun 01:00-05:00")),
                Optional.of(Duration.ofMinutes(10)),
                true,
                true,
                List.of("blender", "Game.exe"),
                Optional.of(85),
                5L << 30,
                Optional.of("https://power.example/cheap")));
    assertThat(
            ConfigLoader.check(
                    write(
                        "config.toml",
                        "[limits]\nduty = 0\nhours = [\"mox\"]\nmax-celsius = 400\n"),
                    Map.of())
                .mistakes())
        .hasSize(3);
  }

  @Test
  void namesWhatHoldsOnlyAfterARestart() throws Exception {
    NodeConfig before = ConfigLoader.load(write("config.toml", ""), Map.of());
    NodeConfig after =
        ConfigLoader.load(
            write("config.toml", "[volunteer]\nrelay = false\nthreads = 1\n[limits]\nduty = 5\n"),
            Map.of("SKERRY_NODE_NAME", "ada"));
    assertThat(before.heldUntilRestart(before)).isEmpty();
    assertThat(before.heldUntilRestart(after)).containsExactly("node.name", "volunteer.relay");
  }

  @Test
  void withoutRatesOfItsOwnNothingDependsOnTheOwner() throws Exception {
    Path file =
        write(
            "config.toml",
            """
            [limits]
            upload = "1 MiB"
            [limits.while-active]
            upload = "1 MiB"
            away-after-minutes = 1
            """);
    assertThat(ConfigLoader.load(file, Map.of()).traffic().whileActive()).isEmpty();
  }

  @Test
  void lineOfASyntaxErrorIsNamed() throws Exception {
    Path file = write("config.toml", "[network]\nlisten = [\n");

    assertThatThrownBy(() -> ConfigLoader.load(file, Map.of()))
        .isInstanceOf(NodeException.class)
        .hasMessageContaining(file + ":")
        .hasMessageContaining("not TOML");
  }

  @Test
  void environmentOverridesTheFile() throws Exception {
    Path file = write("config.toml", "[network]\nlisten = [\"/ip4/1.2.3.4/tcp/5\"]\n");

    NodeConfig config =
        ConfigLoader.load(
            file,
            Map.of(
                "SKERRY_NETWORK_LISTEN", "/ip4/127.0.0.1/tcp/1,/ip4/127.0.0.1/tcp/2",
                "SKERRY_VOLUNTEER_TRAIN", "false"));

    assertThat(config.listen()).hasToString("[/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2]");
    assertThat(config.train()).isFalse();
  }

  @Test
  void listensOnTcpAndOnQuicUnlessToldOtherwise() throws Exception {
    Path none = folder.resolve("none.toml");
    assertThat(ConfigLoader.load(none, Map.of()).listen())
        .hasToString("[/ip4/0.0.0.0/tcp/4001, /ip4/0.0.0.0/udp/4001/quic-v1]");
    String quic = "/ip6/::1/udp/7/quic-v1";
    assertThat(ConfigLoader.load(none, Map.of("SKERRY_NETWORK_LISTEN", quic)).listen())
        .hasToString("[" + quic + "]");
    assertThat(
            ConfigLoader.check(none, Map.of("SKERRY_NETWORK_LISTEN", "/ip6/::1/udp/7")).mistakes())
        .singleElement()
        .asString()
        .contains("/quic-v1 to listen on");
  }

  @Test
  void missingNetworkFileAndMissingConfigAreToldApart() throws Exception {
    assertThat(ConfigLoader.check(folder.resolve("none.toml"), Map.of()).mistakes()).isEmpty();

    Path file = write("config.toml", "[network]\nfile = \"gone.toml\"\n");
    assertThat(ConfigLoader.check(file, Map.of()).mistakes())
        .singleElement()
        .hasToString(
            folder.resolve("gone.toml")
                + ": the network file does not exist; correct network.file, or ask the network's"
                + " operator for it");
  }

  private Path write(String name, String text) throws Exception {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }
}
