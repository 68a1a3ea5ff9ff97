package org.skerry.board.record;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.skerry.board.trust.KeyBelief;
import org.skerry.libp2p.PeerId;

/** Beliefs that last as long as the process. */
public final class MemoryKeyBeliefs implements KeyBeliefs {
  private final Map<PeerId, KeyBelief> beliefs = new ConcurrentHashMap<>();

  @Override
  public Optional<KeyBelief> of(PeerId key) {
    return Optional.ofNullable(beliefs.get(key));
  }

  @Override
  public void store(KeyBelief belief) {
    beliefs.put(belief.key(), belief);
  }

  @Override
  public List<KeyBelief> all() {
    return List.copyOf(beliefs.values());
  }
}
