package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
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
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.AttestationMethod;
import org.skerry.board.document.Catalog;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.config.ConfigLoader;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.Networks;
import org.skerry.node.task.TaskFolder;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;
import org.skerry.transfer.store.FreeSpace;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A task that grows: daemons on real sockets and their real workers train what is new, and a
 * consumer pulls it before, meanwhile and afterwards.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ExtendedTaskIT {
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final Multiaddr ANY_PORT = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");

  @TempDir Path folder;
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  @AfterEach
  void close() {
    Closing.all(toClose);
  }

  private Daemon daemon(String name, String... settings) throws Exception {
    SkerryHome home = new SkerryHome(folder.resolve(name));
    home.create();
    Map<String, String> environment = new HashMap<>();
    environment.put("SKERRY_NETWORK_LISTEN", ANY_PORT.toString());
    environment.put("SKERRY_VOLUNTEER_MEASURE", "false");
    environment.put("SKERRY_VOLUNTEER_THREADS", "1");
    environment.put("SKERRY_VOLUNTEER_NICE", "0");
    for (int i = 0; i < settings.length; i += 2) {
      environment.put(settings[i], settings[i + 1]);
    }
    Daemon daemon =
        Daemon.start(
            home,
            ConfigLoader.load(home.config(), environment),
            IdentityFile.loadOrCreate(home.identityKey()),
            "test",
            false);
    toClose.push(daemon);
    return daemon;
  }

  private CommandRun run(String home, String... arguments) {
    return CommandRun.of(folder.resolve(home), arguments);
  }

  private CommandRun well(String home, String... arguments) {
    CommandRun run = run(home, arguments);
    assertThat(run.status()).as("%s: %s", Arrays.toString(arguments), run.err()).isZero();
    return run;
  }

  private Path tar(String name, ImageSet images) throws IOException {
    Path tar = folder.resolve(name);
    ShardWriter.writeSingle(images, tar);
    return tar;
  }

  /** In colours that the built-in pictures do not have. */
  private static ImageSet inverted(ImageSet pictures) {
    ImageSet.Builder out = new ImageSet.Builder(pictures.size());
    for (int i = 0; i < pictures.count(); i++) {
      byte[] planes = pictures.planes(i);
      for (int value = 0; value < planes.length; value++) {
        planes[value] = (byte) ~planes[value];
      }
      out.add(ImageInfo.of("inverted" + i), planes);
    }
    return out.build();
  }

  /** Waits until every unit has accepted weights; the units as {@code task show} tells them. */
  private JsonNode accepted(int units) {
    JsonNode[] shown = new JsonNode[1];
    Awaitility.await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .untilAsserted(() -> {
          shown[0] =
              JsonMapper.shared()
                  .readTree(well("publisher", "task", "show", "whole", "--json").out())
                  .path("units");
          assertThat(shown[0].size()).isEqualTo(units);
          assertThat(shown[0].findValuesAsString("accepted")).doesNotContain("0");
        });
    return shown[0];
  }

  private PulledEnsemble note(String home) throws IOException {
    return PulledEnsemble.read(new SkerryHome(folder.resolve(home)).model("whole"));
  }

  private CommandRun pull(String home, Multiaddr through, PeerId publisher, String... more) {
    List<String> arguments = new ArrayList<>(List.of("pull", publisher + "/whole"));
    arguments.addAll(List.of("--bootstrap", through.toString()));
    arguments.addAll(List.of(more));
    return run(home, arguments.toArray(String[]::new));
  }

  private PeerStack peer(int number, Multiaddr... through) throws Exception {
    PeerStack stack =
        PeerStack.open(
            Hosts.listen(TestPeer.key(number), List.of(ANY_PORT), "test"),
            TestPeer.key(number),
            new PeerStack.Settings(
                Optional.empty(),
                folder.resolve("peer-" + number),
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

  private static Multiaddr address(PeerStack stack) {
    return stack.host().listenAddresses().getFirst().withPeerId(stack.host().peerId());
  }

  /** Weights of every unit, which nobody trained and the publisher accepted all the same. */
  private void finish(Task task, PeerStack author) throws Exception {
    PrivateKey publisher =
        IdentityFile.loadOrCreate(new SkerryHome(folder.resolve("publisher")).identityKey());
    for (Unit unit : task.units()) {
      Path weights = folder.resolve(unit.title());
      new Safetensors(
              Parameters.initialTensors(
                  Network.of(Networks.of(task.manifest(), unit)), unit.index()),
              Map.of())
          .write(weights);
      Cid blob = author.blobs().add(weights).cid();
      SignedDocument<WeightManifest> manifest =
          author
              .signer()
              .manifest(
                  task,
                  unit.index(),
                  new Signer.Weights(60, 960, Optional.empty(), blob, blob, 1, 1, "test", true));
      // The attestation brings the manifest along, and the evaluator finds nothing to measure.
      Measurements measured =
          new Measurements(0.4, 0.4, 0.4, 0.4, 0.9, 0.9, Double.NaN, true, Optional.empty());
      author
          .boards()
          .post(
              task,
              SignedDocument.seal(
                  publisher,
                  new Attestation(
                      PeerId.of(publisher.publicKey()),
                      manifest.document().sequence(),
                      manifest.document().issuedAtMs(),
                      manifest,
                      AttestationMethod.LOSS,
                      measured,
                      Verdict.ACCEPTED)));
    }
  }

  @Test
  void whatWasTrainedCountsTheRouterLearnsMoreAndNobodyIsLedBack() throws Exception {
    ImageSet pictures = BuiltInPictures.generate(160, 8, 1);
    Daemon researcher = daemon("publisher", "SKERRY_VOLUNTEER_TRAIN", "false");
    Multiaddr address = researcher.listenAddresses().getFirst();
    PeerId publisher = PeerId.parse(researcher.status().peer());
    PeerStack author = peer(5, address);
    String first = folder.resolve("first.task").toString();
    String second = folder.resolve("second.task").toString();
    String images = tar("pictures.tar", pictures).toString();
    well(
        "publisher",
        "task",
        "create",
        "--images",
        images,
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
        first);
    well("publisher", "task", "publish", first);
    finish(new TaskFolder(Path.of(first)).task(), author);
    JsonNode before = accepted(3);
    CommandRun whole = pull("consumer", address, publisher);
    assertThat(whole.status()).as(whole.err()).isZero();
    PulledEnsemble old = note("consumer");
    SignedDocument<Catalog> oldCatalog = author.boards().catalog(publisher).orElseThrow();

    String more =
        tar("more.tar", inverted(pictures.select(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))).toString();
    assertThat(run("stranger", "task", "extend", first, "--images", more).error())
        .contains("only they extend it");
    CommandRun small =
        run("publisher", "task", "extend", first, "--images", more, "--experts", "1");
    assertThat(small.error()).contains("10 images are too few");
    String enough = tar("enough.tar", inverted(BuiltInPictures.generate(80, 8, 2))).toString();
    CommandRun extended =
        well(
            "publisher",
            "task",
            "extend",
            first,
            "--images",
            enough,
            "--experts",
            "1",
            "--out",
            second);
    assertThat(extended.err()).contains("whole grows from 2 partitions to 3.");
    String newTask = extended.out().strip();
    well("publisher", "task", "publish", second);

    CommandRun meanwhile = pull("consumer", address, publisher);
    assertThat(meanwhile.status()).as(meanwhile.err()).isZero();
    assertThat(meanwhile.err()).contains("whole has 3 partitions by now");
    assertThat(note("consumer").task()).isEqualTo(old.task());
    assertThat(note("consumer").members()).isEqualTo(old.members());
    assertNotLedBack(address, publisher, old, newTask);

    daemon(
        "volunteer",
        "SKERRY_VOLUNTEER_EVALUATE",
        "false",
        "SKERRY_NETWORK_BOOTSTRAP",
        address.toString(),
        "SKERRY_NETWORK_PUBLISHERS",
        publisher.toString());
    JsonNode after = accepted(4);
    for (int expert = 0; expert < 2; expert++) {
      assertThat(after.get(expert).path("bestManifest"))
          .isEqualTo(before.get(expert).path("bestManifest"));
    }
    String events = Files.readString(new SkerryHome(folder.resolve("volunteer")).events());
    assertThat(events.lines().filter(line -> line.contains("\"claimed\"")))
        .as("of all units only the new ones are trained, each once")
        .hasSize(2)
        .allMatch(line -> line.contains(newTask))
        .anyMatch(line -> line.contains("expert-2"))
        .anyMatch(line -> line.contains("router"));
    CommandRun pulled = pull("consumer", address, publisher);
    assertThat(pulled.status()).as(pulled.err()).isZero();
    assertWhole(old, newTask);
    assertReplayIsRefused(publisher, oldCatalog);

    // A publisher may go back, by saying so.
    well("publisher", "task", "withdraw", "whole");
    assertThat(pull("consumer", address, publisher).status()).isZero();
    assertThat(note("consumer").task()).isEqualTo(old.task());
  }

  /** Somebody who has the new version, and is shown only what was before its router. */
  private void assertNotLedBack(
      Multiaddr address, PeerId publisher, PulledEnsemble old, String newTask) throws IOException {
    SkerryHome other = new SkerryHome(folder.resolve("other"));
    Files.createDirectories(other.models());
    Path note = new SkerryHome(folder.resolve("consumer")).model("whole");
    Files.writeString(other.model("whole"), Files.readString(note).replace(old.task(), newTask));
    CommandRun back = pull("other", address, publisher);
    assertThat(back.status()).as(back.err()).isEqualTo(7);
    assertThat(back.error()).contains("a version before the one that is here", "is kept");
    assertThat(note("other").task()).isEqualTo(newTask);
  }

  private void assertWhole(PulledEnsemble old, String newTask) throws IOException {
    PulledEnsemble now = note("consumer");
    assertThat(now.task()).isEqualTo(newTask);
    assertThat(now.experts()).hasSize(3).containsAll(old.experts());
    assertThat(now.router()).isNotNull();
    JsonNode card = JsonMapper.shared().readTree(well("consumer", "show", "whole", "--json").out());
    assertThat(card.path("parts").get(3).path("parent").asString())
        .as("what the router's training began with")
        .isEqualTo(old.routerIfPresent().orElseThrow().manifest());
    assertThat(well("consumer", "verify", "whole").out())
        .contains("ok   task " + old.task() + ", which it extends", "ok   expert of partition 2")
        .doesNotContain("BAD");
    Path out = folder.resolve("pictures");
    well(
        "consumer",
        "sample",
        "whole",
        "--count",
        "2",
        "--steps",
        "2",
        "--threads",
        "1",
        "--out",
        out.toString());
    assertThat(well("consumer", "why", WholeTask.pictures(out).getFirst().toString()).out())
        .contains(newTask, old.task())
        .doesNotContain("BAD");
    Path exported = folder.resolve("exported");
    well("consumer", "export", "whole", "--out", exported.toString());
    well("somebody", "import", exported.toString());
    assertThat(note("somebody")).isEqualTo(now);
  }

  /** Peers that still hold the catalog of then. */
  private void assertReplayIsRefused(PeerId publisher, SignedDocument<Catalog> old)
      throws Exception {
    PeerStack liar = peer(8);
    PeerStack helper = peer(9, address(liar));
    helper.boards().publishCatalog(old);
    CommandRun replayed = pull("consumer", address(liar), publisher);
    assertThat(replayed.status()).as(replayed.err()).isNotZero();
    assertThat(replayed.error()).contains("was seen before", "when more peers are reachable");
    CommandRun newcomer = pull("newcomer", address(liar), publisher);
    assertThat(newcomer.error()).as("who never saw the new one").contains("knows task");
  }
}
