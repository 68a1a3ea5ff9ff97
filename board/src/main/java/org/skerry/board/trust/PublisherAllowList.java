package org.skerry.board.trust;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.libp2p.PeerId;

/** The publishers whose tasks a node's owner is willing to look at. */
public record PublisherAllowList(Set<PeerId> publishers) {
  public PublisherAllowList {
    publishers = Set.copyOf(publishers);
  }

  /** Reads peer ids as they stand in configuration and network files. */
  public static PublisherAllowList parse(Collection<String> peerIds) {
    Set<PeerId> out = new HashSet<>();
    for (String text : peerIds) {
      try {
        out.add(PeerId.parse(text.strip()));
      } catch (IllegalArgumentException e) {
        throw new BoardException(
            Refusal.MALFORMED, "allowed publisher '" + text + "' is no peer id", e);
      }
    }
    return new PublisherAllowList(out);
  }

  public boolean allows(PeerId publisher) {
    return publishers.contains(publisher);
  }

  /**
   * Returns when {@code publisher} is allowed.
   *
   * @throws BoardException that says how to allow it
   */
  public void require(PeerId publisher) {
    if (!allows(publisher)) {
      throw new BoardException(
          Refusal.PUBLISHER_NOT_ALLOWED,
          "publisher "
              + publisher
              + " is not on the allow-list; add it there if you trust what it publishes");
    }
  }
}
