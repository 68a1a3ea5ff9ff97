package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.Networks;
import org.skerry.node.task.TaskFolder;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ImageInfo;
import org.skerry.trainer.dataset.ImageSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A task that grows: daemons on real sockets and their real workers train what is new, and a
 * consumer pulls it before, meanwhile and afterwards.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class ExtendedTaskIT {
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  private final Homes homes;

  ExtendedTaskIT(@TempDir Path folder) {
    homes = new Homes(folder);
  }

  @AfterEach
  void close() {
    homes.close();
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
                  .readTree(homes.well("publisher", "task", "show", "whole", "--json").out())
                  .path("units");
          assertThat(shown[0].size()).isEqualTo(units);
          assertThat(shown[0].findValuesAsString("accepted")).doesNotContain("0");
        });
    return shown[0];
  }

  private PulledEnsemble note(String home) throws IOException {
    return homes.note(home, "whole");
  }

  private CommandRun pull(String home, Multiaddr through, PeerId publisher, String... more) {
    return homes.pull(home, through, publisher + "/whole", more);
  }

  private PeerStack peer(int number, Multiaddr... through) throws Exception {
    return homes.stack(TestPeer.key(number), "peer-" + number, through);
  }

  private static Multiaddr address(PeerStack stack) {
    return stack.host().listenAddresses().getFirst().withPeerId(stack.host().peerId());
  }

  /** Weights of every unit, which nobody trained and the publisher accepted all the same. */
  private void finish(Task task, PeerStack author) throws Exception {
    PrivateKey publisher = homes.key("publisher");
    for (Unit unit : task.units()) {
      Path weights = Path.of(homes.path(unit.title()));
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
                  new Signer.Weights(
                      60, 960, Optional.empty(), blob, Optional.empty(), blob, 1, 1, "test", true));
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
    Daemon researcher = homes.daemon("publisher", "SKERRY_VOLUNTEER_TRAIN", "false");
    Multiaddr address = researcher.listenAddresses().getFirst();
    PeerId publisher = PeerId.parse(researcher.status().peer());
    PeerStack author = peer(5, address);
    String first = homes.path("first.task");
    String second = homes.path("second.task");
    homes.create("publisher", 160, first);
    homes.well("publisher", "task", "publish", first);
    finish(new TaskFolder(Path.of(first)).task(), author);
    JsonNode before = accepted(3);
    CommandRun whole = pull("consumer", address, publisher);
    assertThat(whole.status()).as(whole.err()).isZero();
    PulledEnsemble old = note("consumer");
    SignedDocument<Catalog> oldCatalog = author.boards().catalog(publisher).orElseThrow();

    String more =
        homes.tar("more.tar", inverted(pictures.select(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))).toString();
    assertThat(homes.run("stranger", "task", "extend", first, "--images", more).error())
        .contains("only they extend it");
    CommandRun small =
        homes.run("publisher", "task", "extend", first, "--images", more, "--experts", "1");
    assertThat(small.error()).contains("10 images are too few");
    String enough =
        homes.tar("enough.tar", inverted(BuiltInPictures.generate(80, 8, 2))).toString();
    CommandRun extended =
        homes.well(
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
    homes.well("publisher", "task", "publish", second);

    CommandRun meanwhile = pull("consumer", address, publisher);
    assertThat(meanwhile.status()).as(meanwhile.err()).isZero();
    assertThat(meanwhile.err()).contains("whole has 3 partitions by now");
    assertThat(note("consumer").task()).isEqualTo(old.task());
    assertThat(note("consumer").members()).isEqualTo(old.members());
    assertNotLedBack(address, publisher, old, newTask);

    homes.daemon(
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
    String events = Files.readString(homes.home("volunteer").events());
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
    homes.well("publisher", "task", "withdraw", "whole");
    assertThat(pull("consumer", address, publisher).status()).isZero();
    assertThat(note("consumer").task()).isEqualTo(old.task());
  }

  /** Somebody who has the new version, and is shown only what was before its router. */
  private void assertNotLedBack(
      Multiaddr address, PeerId publisher, PulledEnsemble old, String newTask) throws IOException {
    SkerryHome other = homes.home("other");
    Files.createDirectories(other.models());
    Path note = homes.home("consumer").model("whole");
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
    JsonNode card =
        JsonMapper.shared().readTree(homes.well("consumer", "show", "whole", "--json").out());
    assertThat(card.path("parts").get(3).path("parent").asString())
        .as("what the router's training began with")
        .isEqualTo(old.routerIfPresent().orElseThrow().manifest());
    assertThat(homes.well("consumer", "verify", "whole").out())
        .contains("ok   task " + old.task() + ", which it extends", "ok   expert of partition 2")
        .doesNotContain("BAD");
    Path out = Path.of(homes.path("pictures"));
    homes.well(
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
    assertThat(homes.well("consumer", "why", WholeTask.pictures(out).getFirst().toString()).out())
        .contains(newTask, old.task())
        .doesNotContain("BAD");
    Path exported = Path.of(homes.path("exported"));
    homes.well("consumer", "export", "whole", "--out", exported.toString());
    homes.well("somebody", "import", exported.toString());
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
