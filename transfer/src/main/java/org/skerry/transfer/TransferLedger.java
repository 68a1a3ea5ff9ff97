package org.skerry.transfer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.libp2p.PeerId;

/**
 * Who sent and took how much, and who was refused for what. Thread-safe.
 *
 * <p>Peer ids cost nothing to make, so at most {@link #MAX_PEERS} peers and web seeds are told
 * apart. When another one comes, the one with the fewest refusals is forgotten, of those the one
 * heard of longest ago; the totals keep what it did. So many ids that come once push each other
 * out, not a liar.
 */
public final class TransferLedger {
  /** Peers and web seeds that are told apart. */
  public static final int MAX_PEERS = 4096;

  /** In the order in which they were last heard of. */
  private final Map<SourceId, Account> accounts = new LinkedHashMap<>(16, 0.75f, true);

  private long bytesUp;
  private long bytesDown;
  private long refused;

  /** What a peer was refused for. */
  public enum Rejection {
    /** It told a size and root that do not hash to the blob's id. */
    WRONG_HEAD,
    /** Its chunk does not decode, or is not what the blob's root commits to. */
    BAD_CHUNK,
    /** Its proof is malformed or contradicts what is proven. */
    BAD_PROOF,
    /** It sent a chunk that nobody had asked it for. */
    UNREQUESTED_CHUNK,
    /** It sent a message that the protocol does not allow. */
    MALFORMED_MESSAGE,
    /** A web seed led to an address that a stranger must not make this node connect to. */
    FORBIDDEN_ADDRESS
  }

  /** One line of the ledger of lies. */
  public record Refusal(PeerId peer, Rejection reason, long count) {}

  /** One line about a web seed. */
  public record WebRefusal(WebSeed seed, Rejection reason, long count) {}

  /**
   * Payload bytes exchanged with one peer: chunks only, as they were sent, encoded or not; proofs
   * and framing not counted.
   */
  public record Traffic(PeerId peer, long bytesUp, long bytesDown) {}

  /** Payload bytes that came from a web seed. */
  public record WebTraffic(WebSeed seed, long bytesDown) {}

  public synchronized void countUp(PeerId peer, long bytes) {
    bytesUp += bytes;
    account(new SourceId.Peer(peer)).bytesUp += bytes;
  }

  public void countDown(PeerId peer, long bytes) {
    countDown(new SourceId.Peer(peer), bytes);
  }

  public synchronized void countDown(SourceId source, long bytes) {
    bytesDown += bytes;
    account(source).bytesDown += bytes;
  }

  public void refuse(PeerId peer, Rejection reason) {
    refuse(new SourceId.Peer(peer), reason);
  }

  public synchronized void refuse(SourceId source, Rejection reason) {
    refused++;
    Account account = account(source);
    account.refused++;
    account.refusals.merge(reason, 1L, Long::sum);
  }

  public synchronized long bytesUp() {
    return bytesUp;
  }

  public synchronized long bytesDown() {
    return bytesDown;
  }

  public synchronized long refused() {
    return refused;
  }

  /** Every peer that was refused, the most refused first. */
  public synchronized List<Refusal> refusals() {
    List<Refusal> all = new ArrayList<>();
    accounts.forEach((source, account) -> {
      if (source instanceof SourceId.Peer peer) {
        account.refusals.forEach((reason, count) -> all.add(new Refusal(peer.id(), reason, count)));
      }
    });
    all.sort(Comparator.comparingLong(Refusal::count).reversed());
    return all;
  }

  /** Every web seed that was refused, the most refused first. */
  public synchronized List<WebRefusal> webRefusals() {
    List<WebRefusal> all = new ArrayList<>();
    accounts.forEach((source, account) -> {
      if (source instanceof SourceId.Web web) {
        account.refusals.forEach(
            (reason, count) -> all.add(new WebRefusal(web.seed(), reason, count)));
      }
    });
    all.sort(Comparator.comparingLong(WebRefusal::count).reversed());
    return all;
  }

  /** Every peer that bytes were exchanged with. */
  public synchronized List<Traffic> traffic() {
    List<Traffic> all = new ArrayList<>();
    accounts.forEach((source, account) -> {
      if (source instanceof SourceId.Peer peer && account.bytesUp + account.bytesDown > 0) {
        all.add(new Traffic(peer.id(), account.bytesUp, account.bytesDown));
      }
    });
    return all;
  }

  /** Every web seed that bytes came from. */
  public synchronized List<WebTraffic> webTraffic() {
    List<WebTraffic> all = new ArrayList<>();
    accounts.forEach((source, account) -> {
      if (source instanceof SourceId.Web web && account.bytesDown > 0) {
        all.add(new WebTraffic(web.seed(), account.bytesDown));
      }
    });
    return all;
  }

  private Account account(SourceId source) {
    Account account = accounts.get(source);
    if (account == null) {
      if (accounts.size() >= MAX_PEERS) {
        forgetOne();
      }
      account = new Account();
      accounts.put(source, account);
    }
    return account;
  }

  private void forgetOne() {
    SourceId least = null;
    long fewest = Long.MAX_VALUE;
    for (Map.Entry<SourceId, Account> entry : accounts.entrySet()) {
      if (entry.getValue().refused < fewest) {
        least = entry.getKey();
        fewest = entry.getValue().refused;
        if (fewest == 0) {
          break;
        }
      }
    }
    accounts.remove(least);
  }

  private static final class Account {
    private long bytesUp;
    private long bytesDown;
    private long refused;
    private final Map<Rejection, Long> refusals = new HashMap<>();
  }
}
