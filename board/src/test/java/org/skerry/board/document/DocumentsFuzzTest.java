package org.skerry.board.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.List;
import org.skerry.board.BoardException;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.libp2p.testing.Hostile;

/** What is read is written again byte for byte; all else is refused. */
class DocumentsFuzzTest {
  private static final List<DocumentKind<?>> KINDS =
      List.of(
          DocumentKind.TASK,
          DocumentKind.CATALOG,
          DocumentKind.CLAIM,
          DocumentKind.MANIFEST,
          DocumentKind.ATTESTATION,
          DocumentKind.WITHDRAWAL,
          DocumentKind.RECOVERY,
          DocumentKind.CONSENT,
          DocumentKind.SUCCESSION,
          DocumentKind.REVOCATION);

  /** What an author may sign: the first byte is the kind. */
  @FuzzTest
  void payload(byte[] in) {
    if (in.length > 0) {
      payload(kind(in), Arrays.copyOfRange(in, 1, in.length));
    }
  }

  private static DocumentKind<?> kind(byte[] in) {
    return KINDS.get((in[0] & 0xff) % KINDS.size());
  }

  private static <T extends Document> void payload(DocumentKind<T> kind, byte[] payload) {
    Hostile.read(
            BoardException.class,
            () ->
                kind.reader()
                    .apply(DagCbor.decode(payload, kind.maxEnvelopeBytes()), EnvelopeReader.ANEW))
        .ifPresent(document -> {
          assertThat(DagCbor.encode(document.toValue())).isEqualTo(payload);
          assertThat(document.signer().bytes()).isNotEmpty();
          assertThat(DocumentKind.of(document)).isEqualTo(kind);
        });
  }

  /** What anybody may send: the first byte is the kind. */
  @FuzzTest
  void envelope(byte[] in) {
    if (in.length > 0) {
      byte[] envelope = Arrays.copyOfRange(in, 1, in.length);
      Hostile.read(BoardException.class, () -> SignedDocument.open(kind(in), envelope))
          .ifPresent(signed -> assertThat(signed.bytes()).isEqualTo(envelope));
    }
  }

  @FuzzTest
  void taskRecord(byte[] in) {
    Hostile.read(BoardException.class, () -> Task.decode(in))
        .ifPresent(task -> assertThat(task.encoded()).isEqualTo(in));
  }

  @FuzzTest
  void taskManifest(byte[] in) {
    Hostile.read(BoardException.class, () -> TaskManifest.decode(in))
        .ifPresent(manifest -> assertThat(manifest.encoded()).isEqualTo(in));
  }

  @FuzzTest
  void keyRecord(byte[] in) {
    Hostile.read(BoardException.class, () -> KeyRecord.decode(in, EnvelopeReader.ANEW))
        .ifPresent(record -> {
          assertThat(record.encoded()).isEqualTo(in);
          assertThat(record.merge(record)).isEqualTo(record);
        });
  }
}
