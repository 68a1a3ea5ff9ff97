package org.skerry.libp2p.host;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import org.skerry.libp2p.PeerId;

/**
 * Counts the bytes of protocols and of peers. Of protocols only those are given to it that this
 * host serves or asks for; of peers it keeps those that connected last. Thread-safe.
 */
final class BandwidthMeter {
  static final int MAX_PEERS = 4096;
  static final int MAX_PROTOCOLS = 256;

  /** What the protocols beyond the most are counted as together. */
  static final String OTHERS = "others";

  private final Map<String, Counts> protocols = new TreeMap<>();
  private final Map<PeerId, Counts> peers =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Counts> eldest) {
          return size() > MAX_PEERS;
        }
      };

  /** Of one protocol or one peer. */
  static final class Counts {
    private final LongAdder received = new LongAdder();
    private final LongAdder sent = new LongAdder();

    void received(long bytes) {
      received.add(bytes);
    }

    void sent(long bytes) {
      sent.add(bytes);
    }

    private Bandwidth now() {
      return new Bandwidth(received.sum(), sent.sum());
    }
  }

  synchronized Counts ofProtocol(String protocol) {
    boolean known = protocols.containsKey(protocol) || protocols.size() < MAX_PROTOCOLS;
    return protocols.computeIfAbsent(known ? protocol : OTHERS, p -> new Counts());
  }

  synchronized Counts ofPeer(PeerId peer) {
    return peers.computeIfAbsent(peer, p -> new Counts());
  }

  synchronized SortedMap<String, Bandwidth> byProtocol() {
    SortedMap<String, Bandwidth> out = new TreeMap<>();
    protocols.forEach((protocol, counts) -> out.put(protocol, counts.now()));
    return out;
  }

  synchronized Map<PeerId, Bandwidth> byPeer() {
    Map<PeerId, Bandwidth> out = new LinkedHashMap<>();
    peers.forEach((peer, counts) -> out.put(peer, counts.now()));
    return out;
  }
}
