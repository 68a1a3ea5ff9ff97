package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.config.ConfigSource;
import org.skerry.node.daemon.Daemon;
import org.skerry.node.home.SkerryHome;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a volunteer sees when something is off. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DoctorIT {
  private static final String ANY_PORT = "[network]\nlisten = [\"/ip4/127.0.0.1/tcp/0\"]\n";

  @TempDir Path folder;

  private Path home(String config) throws IOException {
    Path home = Files.createDirectories(folder.resolve("home"));
    Files.writeString(home.resolve("config.toml"), config);
    return home;
  }

  @Test
  void aSoundComputerHasNoProblemAndNothingIsChanged() throws Exception {
    Path home = home(ANY_PORT + "[limits]\nmemory = \"600 MiB\"\ndisk = \"1 MiB\"\n");

    CommandRun run = CommandRun.of(home, "doctor");

    assertThat(run.status()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .doesNotContain("problem")
        .containsPattern("ok +libtorch +version 2\\.7\\.1 computes on the processor")
        .containsPattern("ok +memory +.*limits\\.memory = 600\\.0 MiB")
        .containsPattern("ok +port ")
        .containsPattern("ok +java +Java ")
        .contains("unproven")
        .containsPattern("warning +tasks +no publisher is allowed");
    try (var files = Files.list(home)) {
      assertThat(files).containsExactly(home.resolve("config.toml"));
    }
  }

  @Test
  void everyProblemIsToldWithItsRemedyAndCounted() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "/ip4/127.0.0.1/tcp/" + taken.getLocalPort();
      Path home =
          home("[network]\nlisten = [\"%s\"]\n[limits]\nmemory = \"900 TiB\"\n".formatted(address));
      Files.writeString(home.resolve("identity.key"), "no key");

      CommandRun run = CommandRun.of(home, "doctor");

      assertThat(run.status()).isEqualTo(1);
      assertThat(run.error()).contains("3 problems");
      assertThat(run.out())
          .containsPattern("problem +port +" + address + " .*in use.*\\R +-> stop the program")
          .containsPattern("problem +identity +.*identity.key.*\\R +-> restore it")
          .containsPattern("problem +memory +.*900.0 TiB.*\\R +-> lower memory under \\[limits]");
    }
  }

  @Test
  void aMistakeInTheConfigurationIsNamedWithItsRemedy() throws Exception {
    CommandRun run = CommandRun.of(home("[volunteer]\ndevice = \"gpu\"\n"), "doctor");

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.error()).contains("1 problem;");
    assertThat(run.out())
        .containsPattern("problem +configuration +.*config.toml.*volunteer.device = \"gpu\"")
        .contains("-> write \"auto\", \"cpu\" or \"cuda:0\"", "again");
  }

  @Test
  void aFileInPlaceOfTheHomeIsAProblem() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");
    CommandRun run = CommandRun.of(file.resolve("home"), "doctor");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).containsPattern("problem +home +" + file + " is no folder");
  }

  @Test
  void aDaemonThatRunsIsAskedAndJsonHoldsTheSame() throws Exception {
    Path home = home(ANY_PORT + "[volunteer]\ntrain = false\n[limits]\nmemory = \"600 MiB\"\n");
    SkerryHome skerry = new SkerryHome(home);
    skerry.create();
    try (Daemon daemon =
        Daemon.start(
            skerry,
            new ConfigSource(skerry.config(), Map.of()),
            PrivateKey.generate(new SecureRandom()),
            "test",
            false)) {
      CommandRun run = CommandRun.of(home, "doctor", "--json");

      assertThat(run.status()).as(run.out()).isZero();
      JsonNode findings = JsonMapper.shared().readTree(run.out());
      List<JsonNode> about =
          findings.valueStream().filter(f -> f.get("check").asString().equals("daemon")).toList();
      assertThat(about).hasSize(1);
      assertThat(about.getFirst().get("level").asString()).isEqualTo("WARNING");
      assertThat(about.getFirst().get("what").asString())
          .contains("it runs", daemon.listenAddresses().getFirst().toString());
      assertThat(about.getFirst().get("remedy")).isNotEmpty();
      assertThat(findings.valueStream().map(f -> f.get("check").asString())).doesNotContain("port");
    }
  }
}
