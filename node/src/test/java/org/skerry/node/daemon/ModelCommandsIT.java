package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ShardWriter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a consumer can ask about a pulled ensemble when the network is gone. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ModelCommandsIT {
  @TempDir Path folder;

  @Test
  void everyLinkFromAPictureToItsTaskIsShownAndCheckedOffline() throws Exception {
    PulledEnsemble pulled;
    try (WholeTask whole = new WholeTask(folder)) {
      pulled = pull(whole);
      Path out = folder.resolve("out");
      assertThat(whole.sample(out).status()).isZero();
      Path picture = WholeTask.pictures(out).getFirst();
      PulledEnsemble.Member expert = pulled.experts().getFirst();

      assertThat(whole.consumer("list").out()).contains("whole", "1 of  1 experts");
      assertThat(whole.consumer("show", "whole").out())
          .contains(
              pulled.task(),
              "by        " + expert.author(),
              "manifest  " + expert.manifest(),
              "accepted  by " + pulled.publisher());
      CommandRun verified = whole.consumer("verify", "whole");
      assertThat(verified.status()).as(verified.out()).isZero();
      assertThat(verified.out())
          .contains(
              "ok   task " + pulled.task() + ": signed by " + pulled.publisher(),
              "signed by " + expert.author() + ", accepted by " + pulled.publisher(),
              "ok   blob " + expert.weights());
      CommandRun why = whole.consumer("why", picture.toString());
      assertThat(why.status()).as(why.err()).isZero();
      assertThat(why.out())
          .contains(
              "image 0 of seed 1", pulled.task(), "ok   expert of partition 0", expert.manifest());

      damage(whole, expert);
      forge(whole, expert);
      remove(whole, picture);
    }
  }

  private PulledEnsemble pull(WholeTask whole) throws Exception {
    Path tar = folder.resolve("images.tar");
    ShardWriter.writeSingle(BuiltInPictures.generate(80, 8, 1), tar);
    CommandRun created =
        whole.create(tar, "--size", "8", "--experts", "1", "--steps", "60", "--batch", "16");
    assertThat(created.status()).as(created.err()).isZero();
    return whole.trainAndPull();
  }

  private static void damage(WholeTask whole, PulledEnsemble.Member expert) throws IOException {
    Path weights = whole.fetched(expert.weights());
    byte[] good = Files.readAllBytes(weights);
    byte[] bad = good.clone();
    bad[bad.length / 2] ^= 1;
    Files.write(weights, bad);
    CommandRun verified = whole.consumer("verify", "whole");
    assertThat(verified.status()).isEqualTo(8);
    assertThat(verified.out()).contains("BAD  blob " + expert.weights());
    assertThat(verified.error()).contains("1 of ", "--repair");
    Files.write(weights, good);
  }

  /** A note that says what its documents do not, or documents that were not signed so. */
  private static void forge(WholeTask whole, PulledEnsemble.Member expert) throws IOException {
    String good = Files.readString(whole.note());
    Files.writeString(whole.note(), good.replace(expert.author(), "12D3KooWsomebodyElse"));
    CommandRun another = whole.consumer("verify", "whole");
    assertThat(another.status()).isEqualTo(8);
    assertThat(another.out()).contains("BAD  expert of partition 0", "another author");

    JsonNode proof = JsonMapper.shared().readTree(good).path("proof");
    String board = proof.path("boards").get(0).asString();
    int middle = board.length() / 2;
    String other =
        board.substring(0, middle)
            + (board.charAt(middle) == 'A' ? 'B' : 'A')
            + board.substring(middle + 1);
    Files.writeString(whole.note(), good.replace(board, other));
    CommandRun forged = whole.consumer("verify", "whole");
    assertThat(forged.status()).isEqualTo(8);
    assertThat(forged.out()).contains("BAD  documents: the board of expert of partition 0");
    assertThat(whole.consumer("show", "whole").error()).contains("damaged", "skerry pull");
    Files.writeString(whole.note(), good);
  }

  private static void remove(WholeTask whole, Path picture) {
    CommandRun removed = whole.consumer("rm", "whole");
    assertThat(removed.status()).as(removed.err()).isZero();
    assertThat(removed.err()).contains("Deleted whole, ");
    assertThat(whole.note()).doesNotExist();
    assertThat(whole.consumer("list").err()).contains("No ensemble was pulled yet");
    assertThat(whole.consumer("rm", "whole").status()).isEqualTo(6);
    CommandRun why = whole.consumer("why", picture.toString());
    assertThat(why.status()).isEqualTo(6);
    assertThat(why.error()).contains("no ensemble on this computer has the weights");
    assertThat(whole.consumer("why", whole.made().resolve("none.png").toString()).status())
        .isEqualTo(8);
  }
}
