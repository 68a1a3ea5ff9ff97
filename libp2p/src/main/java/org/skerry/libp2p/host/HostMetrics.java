package org.skerry.libp2p.host;

import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.skerry.libp2p.PeerId;

/**
 * Counters since the start, by name. Names come from enums and constants only, never from the
 * network, so there are few of them. Thread-safe.
 */
public final class HostMetrics {
  public static final String BYTES_RECEIVED = "bytes_received";
  public static final String BYTES_SENT = "bytes_sent";

  /** Idle ones that were closed because there were many. */
  public static final String CONNECTIONS_TRIMMED = "connections_trimmed";

  public static final String CONNECTIONS_INBOUND = "connections_inbound";
  public static final String CONNECTIONS_OUTBOUND = "connections_outbound";
  public static final String STREAMS_INBOUND = "streams_inbound";
  public static final String STREAMS_OUTBOUND = "streams_outbound";

  private final ConcurrentHashMap<String, LongAdder> counters = new ConcurrentHashMap<>();

  private final BandwidthMeter bandwidth = new BandwidthMeter();

  /** Why something from the network was refused; counted as {@code refused_…}. */
  public enum Refusal {
    /** {@link ConnectionLimits#most()}, or {@link ConnectionLimits#mostInbound()}. */
    CONNECTIONS,
    /** {@link ConnectionLimits#perIp()}. */
    CONNECTIONS_PER_IP,
    /** {@link ConnectionLimits#perSubnet()}. */
    CONNECTIONS_PER_SUBNET,
    /** {@link ConnectionLimits#perPeer()}. */
    CONNECTIONS_PER_PEER,
    /** {@link ConnectionLimits#perSecondPerIp()}. */
    CONNECTION_RATE_PER_IP,
    /** {@link ConnectionLimits#pendingHandshakes()}. */
    PENDING_HANDSHAKES,
    /** Half of them, from one address. */
    PENDING_HANDSHAKES_PER_IP,
    /** {@link HostLimits#handshakeTimeout()}. */
    HANDSHAKE_TIMEOUT,
    /** The connection ended, or broke Netty's rules, before its handshake was over. */
    HANDSHAKE_BROKEN,
    /** {@link BlockList#subnets()}. */
    BLOCKED_ADDRESS,
    /** {@link BlockList#peers()}. */
    BLOCKED_PEER,
    /** The peer at the other end is this host itself. */
    SELF_DIAL,
    /** {@link StreamLimits#inbound()}. */
    STREAMS,
    /** {@link StreamLimits#inboundPerPeer()}. */
    STREAMS_PER_PEER,
    /** {@link StreamLimits#inboundPerProtocol()}. */
    STREAMS_PER_PROTOCOL,
    /**
     * {@link HostLimits#maxBufferedBytes()} or twice {@link
     * HostLimits#maxBufferedBytesPerConnection()}.
     */
    BUFFERED_BYTES,
    /** {@link HostLimits#negotiationTimeout()}, or a stream that ended before it. */
    STREAM_NEGOTIATION,
    /** A handler ended with an exception; its stream was reset. */
    HANDLER_FAILED,
    /** A remote that stopped reading what it had been sent. */
    WRITE_STALLED,
    /** More streams of one QUIC connection were reset than it is good for. */
    STREAM_RESETS,
    /** An identify message that says nothing usable. */
    BAD_IDENTIFY
  }

  void refused(Refusal refusal) {
    count("refused_" + lower(refusal));
  }

  /** Counts {@code prefix_reason} for a reason of another package's enum. */
  void refused(String prefix, Enum<?> reason) {
    count("refused_" + prefix + "_" + lower(reason));
  }

  void count(String name) {
    add(name, 1);
  }

  void add(String name, long amount) {
    counter(name).add(amount);
  }

  LongAdder counter(String name) {
    return counters.computeIfAbsent(name, n -> new LongAdder());
  }

  /** The count so far; 0 when nothing was counted under {@code name}. */
  public long value(String name) {
    LongAdder counter = counters.get(name);
    return counter == null ? 0 : counter.sum();
  }

  /** How often {@code refusal} happened. */
  public long value(Refusal refusal) {
    return value("refused_" + lower(refusal));
  }

  BandwidthMeter bandwidth() {
    return bandwidth;
  }

  /**
   * What streams carried after they had agreed on their protocol, for each that this host served or
   * asked for; those beyond the first 256 are one, {@code others}.
   */
  public SortedMap<String, Bandwidth> byProtocol() {
    return bandwidth.byProtocol();
  }

  /** What connections carried inside their secure channels, for each of the last 4,096 peers. */
  public Map<PeerId, Bandwidth> byPeer() {
    return bandwidth.byPeer();
  }

  /** All counters. */
  public SortedMap<String, Long> snapshot() {
    SortedMap<String, Long> out = new TreeMap<>();
    counters.forEach((name, counter) -> out.put(name, counter.sum()));
    return out;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
