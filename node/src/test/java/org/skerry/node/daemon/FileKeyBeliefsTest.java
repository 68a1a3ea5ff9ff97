package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.trust.KeyBelief;
import org.skerry.dht.storage.StorageException;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.key.KeyWords;

class FileKeyBeliefsTest {
  private static final PrivateKey KEY = TestPeer.key(1);
  private static final PrivateKey RECOVERY = TestPeer.key(2);
  private static final PrivateKey NEXT = TestPeer.key(3);
  private static final PeerId PEER = PeerId.of(KEY.publicKey());
  private static final KeyWords WORDS = new KeyWords(InstantSource.system());

  @TempDir Path folder;

  /** Everything that can be believed, and a contradiction. */
  private static KeyBelief belief() {
    PeerId recovery = PeerId.of(RECOVERY.publicKey());
    return KeyBelief.nothing(PEER)
        .hear(WORDS.recovery(KEY, recovery))
        .hear(
            WORDS
                .succession(KEY, PEER, NEXT)
                .merge(WORDS.succession(KEY, PEER, TestPeer.key(4)))
                .merge(WORDS.revocation(KEY, PEER, Optional.empty(), "lost")))
        .hear(WORDS.succession(RECOVERY, PEER, NEXT));
  }

  @Test
  void remembersWhatAnotherProcessBelieved() {
    Path believed = folder.resolve("home/keys");
    assertThat(new FileKeyBeliefs(believed).of(PEER)).isEmpty();
    assertThat(new FileKeyBeliefs(believed).all()).isEmpty();
    KeyBelief belief = belief();
    new FileKeyBeliefs(believed).store(belief);
    KeyBelief ended =
        KeyBelief.nothing(PeerId.of(NEXT.publicKey()))
            .hear(WORDS.revocation(NEXT, PeerId.of(NEXT.publicKey()), Optional.empty(), "over"));
    new FileKeyBeliefs(believed).store(ended);
    assertThat(new FileKeyBeliefs(believed).of(PEER)).contains(belief);
    assertThat(new FileKeyBeliefs(believed).all()).containsExactlyInAnyOrder(belief, ended);
  }

  @Test
  void aDamagedFileIsNotTakenForIgnorance() throws Exception {
    new FileKeyBeliefs(folder).store(belief());
    Path file = folder.resolve(PEER + ".json");
    String good = Files.readString(file);
    String records = "\"records\":[\"";
    String[] damaged = {"{}", "", good.substring(0, 40), good.replace(records, records + "AAAA")};
    for (String text : damaged) {
      Files.writeString(file, text);
      assertThatThrownBy(() -> new FileKeyBeliefs(folder).of(PEER))
          .as(text)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("delete it to believe whatever is said of the key next");
    }
    Files.writeString(folder.resolve("else.json"), good);
    assertThatThrownBy(() -> new FileKeyBeliefs(folder).all()).isInstanceOf(StorageException.class);
  }
}
