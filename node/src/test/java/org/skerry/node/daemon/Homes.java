package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.awaitility.Awaitility;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.config.ConfigSource;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.transfer.store.FreeSpace;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Homes below one folder, whose daemons listen on loopback, and the commands that run there. */
final class Homes implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final Multiaddr ANY_PORT = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");

  private final Path folder;
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  Homes(Path folder) {
    this.folder = folder;
  }

  SkerryHome home(String name) {
    return new SkerryHome(folder.resolve(name));
  }

  PrivateKey key(String name) throws Exception {
    home(name).create();
    return IdentityFile.loadOrCreate(home(name).identityKey());
  }

  PeerId peer(String name) throws Exception {
    return PeerId.of(key(name).publicKey());
  }

  /**
   * Starts the daemon of a home.
   *
   * @param settings names and values of variables; an empty value leaves it to the file
   */
  Daemon daemon(String name, String... settings) throws Exception {
    Map<String, String> environment = new HashMap<>();
    environment.put("SKERRY_NETWORK_LISTEN", ANY_PORT.toString());
    environment.put("SKERRY_VOLUNTEER_MEASURE", "false");
    environment.put("SKERRY_VOLUNTEER_THREADS", "1");
    environment.put("SKERRY_VOLUNTEER_NICE", "0");
    environment.put("SKERRY_LIMITS_ON_BATTERY", "true");
    for (int i = 0; i < settings.length; i += 2) {
      environment.put(settings[i], settings[i + 1]);
    }
    environment.values().removeIf(String::isEmpty);
    PrivateKey key = key(name);
    Daemon daemon =
        Daemon.start(
            home(name), new ConfigSource(home(name).config(), environment), key, "test", false);
    toClose.push(daemon);
    return daemon;
  }

  /** A peer that holds records, without a home. */
  PeerStack stack(PrivateKey key, String name, Multiaddr... through) throws Exception {
    PeerStack stack =
        PeerStack.open(
            Hosts.listen(key, List.of(ANY_PORT), "test"),
            key,
            new PeerStack.Settings(
                Optional.empty(),
                folder.resolve(name + "-blobs"),
                FreeSpace.OF_FILE_SYSTEM,
                true,
                true,
                false),
            InstantSource.system(),
            event -> {});
    toClose.push(stack);
    stack.join(List.of(through));
    return stack;
  }

  /** A daemon that trains nothing, in the network of {@code through}. */
  Daemon idle(String name, Multiaddr through, String... settings) throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "SKERRY_VOLUNTEER_TRAIN", "false", "SKERRY_NETWORK_BOOTSTRAP", through.toString()));
    all.addAll(List.of(settings));
    return daemon(name, all.toArray(String[]::new));
  }

  String path(String name) {
    return folder.resolve(name).toString();
  }

  Path tar(String name, ImageSet images) throws IOException {
    Path tar = folder.resolve(name);
    ShardWriter.writeSingle(images, tar);
    return tar;
  }

  /** {@code skerry task create} of a small task named {@code whole}. */
  void create(String home, int pictures, String out) throws IOException {
    well(
        home,
        "task",
        "create",
        "--images",
        tar("pictures.tar", BuiltInPictures.generate(pictures, 8, 1)).toString(),
        "--name",
        "whole",
        "--size",
        "8",
        "--experts",
        "2",
        "--width",
        "16",
        "--steps",
        "60",
        "--batch",
        "16",
        "--lease",
        "12",
        "--out",
        out);
  }

  CommandRun pull(String home, Multiaddr through, String name, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("pull", name, "--bootstrap", through.toString()));
    arguments.addAll(List.of(more));
    return run(home, arguments.toArray(String[]::new));
  }

  CommandRun run(String home, String... arguments) {
    return CommandRun.of(folder.resolve(home), arguments);
  }

  CommandRun well(String home, String... arguments) {
    CommandRun run = run(home, arguments);
    assertThat(run.status()).as("%s: %s", Arrays.toString(arguments), run.err()).isZero();
    return run;
  }

  /**
   * Waits until some unit of a task has accepted weights, as its publisher's daemon tells.
   *
   * @return ids of the best manifests, by the units' names
   */
  Map<String, String> accepted(String publisher, String task) {
    Map<String, String> best = new TreeMap<>();
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .until(() -> {
          String shown = well(publisher, "task", "show", task, "--json").out();
          for (JsonNode unit : JsonMapper.shared().readTree(shown).path("units")) {
            if (unit.path("accepted").asInt() > 0) {
              best.put(unit.path("unit").asString(), unit.path("bestManifest").asString());
            }
          }
          return !best.isEmpty();
        });
    return best;
  }

  PulledEnsemble note(String home, String name) throws IOException {
    return PulledEnsemble.read(home(home).model(name));
  }

  @Override
  public void close() {
    Closing.all(toClose);
  }
}
