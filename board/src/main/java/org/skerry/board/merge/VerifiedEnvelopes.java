package org.skerry.board.merge;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.document.Document;
import org.skerry.board.document.DocumentKind;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.SignedDocument;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * Remembers the newest documents whose signature held, by the hash of their envelope, so that a
 * board which comes again and again costs only what is new on it. Safe for any thread; nothing is
 * parsed or verified under the lock.
 */
public final class VerifiedEnvelopes {
  private final Map<Multihash, SignedDocument<?>> verified;
  private long checks;

  /**
   * Remembers nothing yet.
   *
   * @param capacity documents to remember, of a few kilobytes each (at most 16 for a catalog)
   */
  public VerifiedEnvelopes(int capacity) {
    verified =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Multihash, SignedDocument<?>> eldest) {
            return size() > capacity;
          }
        };
  }

  /**
   * Opens what is not remembered, and asks {@code budget} before each: already the key in an
   * envelope costs about as much to read as a signature to check.
   */
  public EnvelopeReader within(VerificationBudget budget) {
    return new EnvelopeReader() {
      @Override
      public <T extends Document> SignedDocument<T> open(DocumentKind<T> kind, byte[] bytes) {
        return VerifiedEnvelopes.this.open(kind, bytes, budget, this);
      }
    };
  }

  /** Opens what is not remembered. */
  public EnvelopeReader unlimited() {
    return within(VerificationBudget.UNLIMITED);
  }

  private <T extends Document> SignedDocument<T> open(
      DocumentKind<T> kind, byte[] bytes, VerificationBudget budget, EnvelopeReader nested) {
    Multihash hash = Multihash.ofSha256(Multihash.sha256Digest(kind.payloadType(), bytes));
    Optional<SignedDocument<T>> known = remembered(hash);
    if (known.isPresent()) {
      return known.get();
    }
    Optional<Refusal> refusal = budget.takeOne();
    if (refusal.isPresent()) {
      throw new BoardException(refusal.get(), "the sender's budget of signature checks is used up");
    }
    SignedDocument<T> opened = SignedDocument.open(kind, bytes, nested);
    synchronized (verified) {
      verified.put(hash, opened);
    }
    return opened;
  }

  @SuppressWarnings("unchecked") // the hash covers the kind's payload type
  private <T extends Document> Optional<SignedDocument<T>> remembered(Multihash hash) {
    synchronized (verified) {
      SignedDocument<?> known = verified.get(hash);
      if (known == null) {
        checks++;
      }
      return Optional.ofNullable((SignedDocument<T>) known);
    }
  }

  /** How many envelopes were not remembered. */
  public long checks() {
    synchronized (verified) {
      return checks;
    }
  }
}
