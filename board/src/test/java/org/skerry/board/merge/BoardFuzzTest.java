package org.skerry.board.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.skerry.board.BoardException;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.UnitDocument;
import org.skerry.board.document.Verdict;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.document.Withdrawal;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.testing.Hostile;

class BoardFuzzTest {
  private static final Task TASK = Samples.task();
  private static final EnvelopeReader REMEMBERING = new VerifiedEnvelopes(10_000).unlimited();

  @FuzzTest
  void bytes(byte[] in) {
    Hostile.read(
            BoardException.class, () -> BoardCodec.decode(TASK.id(), 1, in, EnvelopeReader.ANEW))
        .ifPresent(board -> {
          assertThat(board.encoded()).isEqualTo(in);
          assertThat(board.merge(board)).isEqualTo(board);
        });
  }

  /**
   * Three boards that saw any documents in any order: four bytes a document, of which the first
   * says what it is and where it is put.
   */
  @FuzzTest
  void join(byte[] in) {
    Board[] boards = new Board[3];
    for (int i = 0; i < boards.length; i++) {
      boards[i] = Board.empty(TASK.charter(), 1);
    }
    for (ByteBuffer script = ByteBuffer.wrap(in); script.remaining() >= 4; ) {
      int step = script.get() & 0xff;
      PrivateKey author = author(script.get() & 15);
      SignedDocument<? extends UnitDocument> said =
          document(step & 7, author, script.get() & 0xff, script.get() & 0xff);
      for (int i = 0; i < boards.length; i++) {
        Board board = boards[i];
        if ((step >> (3 + i) & 1) == 1) {
          boards[i] = Hostile.read(BoardException.class, () -> board.with(said)).orElse(board);
        }
      }
    }
    Board left = boards[0].merge(boards[1]).merge(boards[2]);
    Board right = boards[2].merge(boards[0].merge(boards[1].merge(boards[2])));
    assertThat(right.encoded()).isEqualTo(left.encoded());
    assertThat(left.encoded()).hasSizeLessThanOrEqualTo(Board.MAX_BYTES);
    assertThat(BoardCodec.decode(TASK.id(), 1, left.encoded(), REMEMBERING)).isEqualTo(left);
  }

  private static PrivateKey author(int number) {
    return switch (number) {
      case 0 -> PUBLISHER;
      case 1 -> EVALUATOR;
      default -> Samples.key(number + 1);
    };
  }

  private static SignedDocument<? extends UnitDocument> document(
      int kind, PrivateKey author, int sequence, int other) {
    int unit = other == 255 ? 0 : 1;
    long at = NOW + sequence;
    return switch (kind) {
      case 0, 1 -> SignedDocument.seal(author, Samples.claim(author, TASK.id(), unit, at));
      case 2 ->
          SignedDocument.seal(
              author, Samples.weights(author, TASK.id(), unit, at, "blob " + other));
      case 3, 4 -> {
        PrivateKey trained = author(other & 15);
        SignedDocument<WeightManifest> weights =
            SignedDocument.seal(trained, Samples.weights(trained, TASK.id(), unit, at, "blob"));
        yield SignedDocument.seal(
            author,
            Samples.attestation(
                author,
                at,
                weights,
                Samples.good(0.4),
                kind == 3 ? Verdict.ACCEPTED : Verdict.REFUSED));
      }
      case 5 -> Standings.claim(author, TASK, unit, at, author(other & 15), NOW + (other >> 4));
      default ->
          SignedDocument.seal(
              author,
              new Withdrawal(
                  TASK.id(),
                  kind == 6 ? Withdrawal.WHOLE_TASK : unit,
                  Samples.peer(author),
                  at,
                  at,
                  kind == 6 ? Optional.empty() : Optional.of(Samples.document("weights " + other)),
                  "said " + other));
    };
  }
}
