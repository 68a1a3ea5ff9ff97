package org.skerry.dht;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.record.Rejection;
import org.skerry.dht.wire.KadMessage;
import org.skerry.dht.wire.Timestamps;
import org.skerry.libp2p.PeerId;

/** Brings a value to the peers nearest to its key, this node among them where it is one. */
public final class Put extends Steps {
  private final Kademlia node;
  private final Holders holders;
  private final byte[] key;
  private final byte[] value;
  private final long publishedMs;
  private final boolean republished;
  private PutResult result = new PutResult(0, 0, Optional.empty());

  /** A value that this node's own user publishes now. */
  static Put published(Kademlia node, byte[] key, byte[] value, long nowMs) {
    return new Put(node, node.holders(key), key, value, nowMs, false);
  }

  /** A value that this node holds for others. */
  static Put passedOn(Kademlia node, byte[] key, byte[] value, long publishedMs) {
    return new Put(node, node.holders(key), key, value, publishedMs, true);
  }

  private Put(
      Kademlia node,
      Holders holders,
      byte[] key,
      byte[] value,
      long publishedMs,
      boolean republished) {
    super(holders);
    this.node = node;
    this.holders = holders;
    this.key = key.clone();
    this.value = value.clone();
    this.publishedMs = publishedMs;
    this.republished = republished;
  }

  @Override
  @Nullable Operation after(Operation done, long nowMs) {
    if (done instanceof Tell told) {
      result =
          new PutResult(result.stored() + told.took().size(), result.asked(), Optional.empty());
      return null;
    }
    List<PeerId> peers = holders.peers();
    int asked = peers.size();
    int stored = 0;
    if (republished) {
      node.values().republished(key, nowMs);
      node.counters().count("republished");
    } else if (holders.includeSelf()) {
      asked++;
      stored += node.values().put(node.self(), key, value, publishedMs, nowMs).isEmpty() ? 1 : 0;
    }
    result = new PutResult(stored, asked, Optional.empty());
    return tell(node, peers, key, value, publishedMs);
  }

  /** Sends a value to {@code holders}; those count as told that confirm it. */
  static Tell tell(
      Kademlia node, Collection<PeerId> holders, byte[] key, byte[] value, long publishedMs) {
    KadMessage request =
        KadMessage.of(KadMessage.Type.PUT_VALUE, key)
            .withRecord(new KadMessage.Record(key, value, Timestamps.format(publishedMs)));
    return new Tell(
        node.peers(),
        holders,
        holder -> request,
        (holder, reply) -> {
          boolean confirmed =
              reply.record().filter(record -> Arrays.equals(record.value(), value)).isPresent();
          if (!confirmed) {
            node.counters()
                .rejected(
                    holder,
                    new Rejection(
                        Rejection.Reason.MALFORMED, "did not confirm the value it was to store"));
          }
          return confirmed;
        });
  }

  /** How many holders stored it, once this is done. */
  public PutResult result() {
    return result;
  }
}
