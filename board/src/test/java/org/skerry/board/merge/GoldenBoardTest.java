package org.skerry.board.merge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.libp2p.crypto.PrivateKey;

/** The bytes of a board, with the order of its documents, stay what they are. */
final class GoldenBoardTest {
  private static Board board() {
    Task task = Samples.task();
    Board board = Board.empty(task.charter(), 1);
    for (int i = 3; i < 9; i++) {
      PrivateKey key = Samples.key(i);
      SignedDocument<WeightManifest> weights =
          SignedDocument.seal(key, Samples.weights(key, task.id(), 1, NOW + i, "weights " + i));
      board =
          board
              .with(SignedDocument.seal(key, Samples.claim(key, task.id(), 1, NOW + i)))
              .with(weights)
              .with(attestation(EVALUATOR, weights, i))
              .with(attestation(VOLUNTEER, weights, i));
    }
    return board
        .with(SignedDocument.seal(EVALUATOR, Samples.claim(EVALUATOR, task.id(), 1, NOW)))
        .with(
            SignedDocument.seal(
                PUBLISHER,
                new Withdrawal(
                    task.id(),
                    Withdrawal.WHOLE_TASK,
                    Samples.peer(PUBLISHER),
                    NOW,
                    NOW,
                    Optional.empty(),
                    "over")));
  }

  private static SignedDocument<Attestation> attestation(
      PrivateKey evaluator, SignedDocument<WeightManifest> weights, int number) {
    return SignedDocument.seal(
        evaluator,
        Samples.attestation(
            evaluator,
            NOW + number,
            weights,
            Samples.good(0.4),
            number % 2 == 0 ? Verdict.ACCEPTED : Verdict.REFUSED));
  }

  @Test
  void writesAndReadsTheGoldenBoard() throws IOException {
    try (InputStream in = GoldenBoardTest.class.getResourceAsStream("/golden/board.hex")) {
      String golden = new String(Objects.requireNonNull(in).readAllBytes(), UTF_8).strip();
      assertThat(HexFormat.of().formatHex(board().encoded())).isEqualTo(golden);
      assertThat(
              BoardCodec.decode(
                  Samples.task().id(), 1, HexFormat.of().parseHex(golden), EnvelopeReader.ANEW))
          .isEqualTo(board());
    }
  }

  /** Writes the file into the folder that is the first argument. */
  public static void main(String[] arguments) throws IOException {
    Files.writeString(
        Path.of(arguments[0]).resolve("board.hex"),
        HexFormat.of().formatHex(board().encoded()) + "\n");
  }
}
