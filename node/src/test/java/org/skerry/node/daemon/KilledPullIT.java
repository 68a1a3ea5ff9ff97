package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.merge.Board;
import org.skerry.libp2p.Multiaddr;
import org.skerry.node.cli.CommandProcess;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.ensemble.Provenance;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.ensemble.folder.Folders;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.store.FreeSpace;
import tools.jackson.databind.json.JsonMapper;

/** SIGKILL while the starter's documents and weights are pulled over real sockets. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class KilledPullIT {
  private static final int ROUNDS = 3;

  @TempDir Path folder;

  @Test
  void theNextPullGoesOnAndNoNoteNamesWeightsThatAreNotHere() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path source = folder.resolve("source");
    assertThat(CommandRun.of(source, "import", Folders.STARTER.toString()).status()).isZero();
    PulledEnsemble starter = PulledEnsemble.read(source.resolve("models/starter.json"));
    Provenance provenance = starter.proofIfPresent().orElseThrow().verified();
    try (PeerStack bootstrap = peer(1, folder.resolve("bootstrap"));
        PeerStack publisher = peer(2, folder.resolve("publisher"))) {
      Multiaddr address =
          bootstrap.host().listenAddresses().getFirst().withPeerId(bootstrap.host().peerId());
      publisher.join(List.of(address));
      publish(publisher, provenance, source.resolve("fetched"));
      String[] pull = {"pull", starter.task(), "--bootstrap", address.toString()};

      Path home = folder.resolve("home");
      Path note = home.resolve("models/starter.json");
      for (int round = 0; round < ROUNDS; round++) {
        Map<String, Object> before = whole(home.resolve("fetched"));
        try (CommandProcess run = CommandProcess.start(home, folder.resolve("log"), pull)) {
          run.await(() -> !started(home.resolve("fetched"), before).isEmpty());
          run.killAfter(Duration.ofMillis(random.nextInt(600)));
        }
        // What was whole is neither fetched again nor lost.
        assertThat(whole(home.resolve("fetched"))).as("seed %d", seed).containsAllEntriesOf(before);
        if (Files.exists(note)) {
          assertThat(CommandRun.of(home, "verify", "starter").status()).isZero();
        }
      }
      Map<String, Object> before = whole(home.resolve("fetched"));
      CommandRun pulled = CommandRun.of(home, with(pull, "--progress-json"));
      assertThat(pulled.status()).as(pulled.err()).isZero();
      progressNeverGoesBack(pulled.out(), starter.blobs());
      assertThat(whole(home.resolve("fetched"))).as("seed %d", seed).containsAllEntriesOf(before);
      assertThat(PulledEnsemble.read(note)).isEqualTo(starter);
      repairs(home, starter.blobs(), address);
    }
    everythingWorksWithoutANetwork();
  }

  private static String[] with(String[] command, String option) {
    return Stream.concat(Stream.of(command), Stream.of(option)).toArray(String[]::new);
  }

  private static void progressNeverGoesBack(String lines, Collection<String> blobs) {
    Map<String, Long> completed = new HashMap<>();
    Map<String, String> status = new HashMap<>();
    lines
        .lines()
        .map(line -> JsonMapper.shared().readTree(line))
        .forEach(line -> {
          String digest = line.get("digest").asString();
          long now = line.get("completed").asLong();
          assertThat(now).isBetween(completed.getOrDefault(digest, 0L), line.get("total").asLong());
          completed.put(digest, now);
          status.put(digest, line.get("status").asString());
        });
    assertThat(status.keySet()).containsAll(blobs);
    assertThat(status.values()).containsOnly("done");
  }

  /**
   * One blob is damaged, another is gone: both are found, and fetched where they are told to be.
   */
  private static void repairs(Path home, List<String> blobs, Multiaddr bootstrap)
      throws IOException {
    Path damaged = home.resolve("fetched").resolve(blobs.getFirst());
    byte[] good = Files.readAllBytes(damaged);
    byte[] bad = good.clone();
    bad[bad.length / 2] ^= 1;
    Files.write(damaged, bad);
    Files.delete(home.resolve("fetched").resolve(blobs.getLast()));
    CommandRun found = CommandRun.of(home, "verify", "starter");
    assertThat(found.status()).isEqualTo(8);
    assertThat(found.error()).contains("2 of ", "--repair");
    CommandRun repaired =
        CommandRun.of(home, "verify", "starter", "--repair", "--bootstrap", bootstrap.toString());
    assertThat(repaired.status()).as(repaired.err()).isZero();
    assertThat(repaired.out()).doesNotContain("BAD");
    assertThat(damaged).hasBinaryContent(good);
  }

  /** The publisher is gone; the sheets came along. */
  private void everythingWorksWithoutANetwork() throws IOException {
    Path home = folder.resolve("home");
    CommandRun verified = CommandRun.of(home, "verify", "starter");
    assertThat(verified.status()).as(verified.out()).isZero();
    assertThat(CommandRun.of(home, "show", "starter").status()).isZero();
    Path out = folder.resolve("out");
    assertThat(CommandRun.of(home, "export", "starter", "--out", out.toString()).status()).isZero();
    assertThat(Folders.content(out)).containsKeys("sheets/partition_0.png", "documents.json");
    assertThat(CommandRun.of(home, "rm", "starter").status()).isZero();
    assertThat(whole(home.resolve("fetched"))).isEmpty();
  }

  private static PeerStack peer(int number, Path home) throws Exception {
    return PeerStack.open(
        Hosts.listen(
            TestPeer.key(number), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), "test"),
        TestPeer.key(number),
        new PeerStack.Settings(
            Optional.empty(), home.resolve("blobs"), FreeSpace.OF_FILE_SYSTEM, true, true, false),
        InstantSource.system(),
        event -> {});
  }

  private static void publish(PeerStack publisher, Provenance provenance, Path blobs)
      throws IOException {
    try (Stream<Path> files = Files.list(blobs)) {
      for (Path file : files.filter(f -> f.getFileName().toString().startsWith("bag")).toList()) {
        publisher.blobs().add(file);
      }
    }
    publisher.boards().publishTask(provenance.task());
    for (Board board : provenance.boards()) {
      Stream.of(board.claims(), board.manifests(), board.attestations(), board.withdrawals())
          .flatMap(List::stream)
          .forEach(document -> publisher.boards().post(provenance.task(), document));
    }
  }

  /** The blobs that are whole, each with what tells its file from another one. */
  private static Map<String, Object> whole(Path store) throws IOException {
    Map<String, Object> out = new HashMap<>();
    if (!Files.isDirectory(store)) {
      return out;
    }
    for (Path file : blobs(store)) {
      String name = file.getFileName().toString();
      assertThat(MerkleTree.of(file).head().id()).hasToString(name);
      out.put(name, Files.readAttributes(file, BasicFileAttributes.class).fileKey());
    }
    return out;
  }

  /** What a fetch has begun or ended since {@code before}. */
  private static List<Path> started(Path store, Map<String, Object> before) {
    try {
      Stream<Path> ended =
          blobs(store).stream().filter(f -> !before.containsKey(f.getFileName().toString()));
      return Stream.concat(ended, blobs(store.resolve("partial")).stream()).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static List<Path> blobs(Path store) throws IOException {
    try (Stream<Path> files = Files.list(store)) {
      return files.filter(file -> file.getFileName().toString().matches("bag[a-z0-9]+")).toList();
    }
  }
}
