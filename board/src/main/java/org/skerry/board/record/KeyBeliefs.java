package org.skerry.board.record;

import java.util.List;
import java.util.Optional;
import org.skerry.board.trust.KeyBelief;
import org.skerry.libp2p.PeerId;

/** Remembers what is believed of keys. What was stored must survive a crash that follows. */
public interface KeyBeliefs {
  Optional<KeyBelief> of(PeerId key);

  /** Returns when {@code belief} is durable. */
  void store(KeyBelief belief);

  /** Of every key that anything is known about. */
  List<KeyBelief> all();
}
