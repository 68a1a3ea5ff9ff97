package org.skerry.board.merge;

import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.document.DocumentKind;
import org.skerry.board.document.SignatureCheck;
import org.skerry.libp2p.SignedEnvelope;
import org.skerry.libp2p.multiformats.Multihash;

/**
 * Remembers the newest envelopes whose signature held, so that a board which comes again and again
 * costs only its new documents. Safe for any thread; no signature is checked under the lock.
 */
public final class VerifiedEnvelopes {
  private final Map<Multihash, Boolean> verified;
  private long checks;

  /**
   * @param capacity envelopes to remember, about 150 bytes each
   */
  public VerifiedEnvelopes(int capacity) {
    verified =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Multihash, Boolean> eldest) {
            return size() > capacity;
          }
        };
  }

  /** Verifies what is not remembered, and asks {@code budget} before each check. */
  public SignatureCheck within(VerificationBudget budget) {
    return (kind, envelope, bytes) -> verify(budget, kind, envelope, bytes);
  }

  /** Verifies what is not remembered. */
  public SignatureCheck unlimited() {
    return within(VerificationBudget.UNLIMITED);
  }

  private void verify(
      VerificationBudget budget, DocumentKind<?> kind, SignedEnvelope envelope, byte[] bytes) {
    Multihash digest = Multihash.ofSha256(Multihash.sha256Digest(kind.payloadType(), bytes));
    synchronized (verified) {
      if (verified.get(digest) != null) {
        return;
      }
      checks++;
    }
    if (!budget.takeOne()) {
      throw new BoardException(
          Refusal.BUDGET_EXHAUSTED, "the peer's budget of signature checks is used up");
    }
    SignatureCheck.ALWAYS.verify(kind, envelope, bytes);
    synchronized (verified) {
      verified.put(digest, Boolean.TRUE);
    }
  }

  /** How many envelopes were not remembered. */
  public long checks() {
    synchronized (verified) {
      return checks;
    }
  }
}
