package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Attestation;
import org.skerry.board.document.DocumentKind;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.record.MemorySequenceStore;
import org.skerry.board.record.Sequences;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.transfer.MerkleTree;

class SignerTest {
  private static final PrivateKey OLD = TestPeer.key(1);
  private static final PrivateKey NEW = TestPeer.key(2);

  @TempDir Path folder;

  private static Signer signer(PrivateKey key, PrivateKey... former) {
    InstantSource clock = InstantSource.system();
    return new Signer(key, List.of(former), new Sequences(new MemorySequenceStore(), clock), clock);
  }

  @Test
  void answersUnderTheNameThatATaskHasForIt() throws Exception {
    Task task = TinyTask.of(4).create(folder, OLD).task();
    PeerId old = PeerId.of(OLD.publicKey());
    Signer changed = signer(NEW, OLD);
    assertThat(changed.self()).isEqualTo(PeerId.of(NEW.publicKey()));
    assertThat(changed.evaluatorOf(task)).contains(old);
    assertThat(changed.isOwn(old)).isTrue();
    assertThat(changed.withdrawal(task, "over").signer()).isEqualTo(old);
    SignedDocument<Attestation> said = attestation(changed, task);
    assertThat(said.signer()).isEqualTo(old);
    assertThat(SignedDocument.open(DocumentKind.ATTESTATION, said.bytes())).isEqualTo(said);

    Signer stranger = signer(NEW);
    assertThat(stranger.evaluatorOf(task)).isEmpty();
    assertThat(stranger.isOwn(old)).isFalse();
    assertThat(attestation(stranger, task).signer()).isEqualTo(stranger.self());
  }

  private static SignedDocument<Attestation> attestation(Signer signer, Task task) {
    var blob = MerkleTree.of(new byte[] {1}).head().id().cid();
    var weights =
        signer.manifest(
            task,
            0,
            new Signer.Weights(
                4, 32, Optional.empty(), blob, Optional.empty(), blob, 0.3, 0.3, "test", true));
    assertThat(weights.signer()).as("what it makes is its own").isEqualTo(signer.self());
    return signer.attestation(
        task,
        weights,
        new Measurements(0.3, 0.3, 0.3, 0.3, 1, 1, Double.NaN, true, Optional.empty()));
  }
}
