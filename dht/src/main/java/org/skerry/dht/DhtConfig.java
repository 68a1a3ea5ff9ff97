package org.skerry.dht;

import java.time.Duration;
import org.skerry.dht.record.ProviderRecords;
import org.skerry.dht.record.ValueRecords;
import org.skerry.dht.routing.Lookup;
import org.skerry.dht.routing.RoutingTable;

/**
 * How a node takes part in the DHT.
 *
 * @param protocol the id of the kad-dht protocol of this network
 * @param serverMode whether it serves others; a client only asks
 * @param quorum a {@code get} ends after so many holders' valid values; 0 asks all the k nearest
 * @param requestTimeout the longest one request to one peer may take, dialling included
 * @param operationTimeout the longest a put, provide, bootstrap or refresh may take
 * @param maintenanceInterval how often it is looked whether something is due
 * @param refreshInterval how often each bucket, and the own neighbourhood, is looked up
 * @param reprovideInterval how often provided content is announced again
 */
public record DhtConfig(
    String protocol,
    boolean serverMode,
    int quorum,
    Duration requestTimeout,
    Duration operationTimeout,
    Duration maintenanceInterval,
    Duration refreshInterval,
    Duration reprovideInterval,
    RoutingTable.Settings table,
    Lookup.Settings lookup,
    ValueRecords.Settings values,
    ProviderRecords.Settings providers,
    InboundLimits inbound) {
  public static final String PROTOCOL = "/skerry/kad/1.0.0";

  /**
   * What other peers may ask of this node.
   *
   * @param requestsPerSecond of one peer, in the long run
   * @param burst requests of one peer at once after a pause
   * @param streamsPerPeer open streams of one peer
   * @param streams open streams of all peers
   * @param idle how long a stream may take over its next request
   */
  public record InboundLimits(
      int requestsPerSecond, int burst, int streamsPerPeer, int streams, Duration idle) {
    public InboundLimits {
      if (requestsPerSecond < 1 || burst < 1 || streamsPerPeer < 1 || streams < 1) {
        throw new IllegalArgumentException("inbound limits must be positive");
      }
    }
  }

  public DhtConfig {
    if (!protocol.startsWith("/") || quorum < 0) {
      throw new IllegalArgumentException(
          "protocol '"
              + protocol
              + "' must start with / and quorum "
              + quorum
              + " not be negative");
    }
  }

  /** A server with the figures of the kad-dht specification. */
  public static DhtConfig defaults() {
    return new DhtConfig(
        PROTOCOL,
        true,
        0,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Duration.ofMinutes(10),
        Duration.ofHours(22),
        RoutingTable.Settings.defaults(),
        Lookup.Settings.defaults(),
        ValueRecords.Settings.defaults(),
        ProviderRecords.Settings.defaults(),
        new InboundLimits(200, 1000, 64, 1024, Duration.ofSeconds(10)));
  }

  /** The same as a client, which serves nobody and enters nobody's routing table. */
  public DhtConfig asClient() {
    return copy(false, quorum, requestTimeout, table, values, inbound);
  }

  public DhtConfig withQuorum(int newQuorum) {
    return copy(serverMode, newQuorum, requestTimeout, table, values, inbound);
  }

  public DhtConfig withRequestTimeout(Duration timeout) {
    return copy(serverMode, quorum, timeout, table, values, inbound);
  }

  public DhtConfig withTable(RoutingTable.Settings settings) {
    return copy(serverMode, quorum, requestTimeout, settings, values, inbound);
  }

  public DhtConfig withValues(ValueRecords.Settings settings) {
    return copy(serverMode, quorum, requestTimeout, table, settings, inbound);
  }

  public DhtConfig withInbound(InboundLimits limits) {
    return copy(serverMode, quorum, requestTimeout, table, values, limits);
  }

  private DhtConfig copy(
      boolean newServerMode,
      int newQuorum,
      Duration newRequestTimeout,
      RoutingTable.Settings newTable,
      ValueRecords.Settings newValues,
      InboundLimits newInbound) {
    return new DhtConfig(
        protocol,
        newServerMode,
        newQuorum,
        newRequestTimeout,
        operationTimeout,
        maintenanceInterval,
        refreshInterval,
        reprovideInterval,
        newTable,
        lookup,
        newValues,
        providers,
        newInbound);
  }
}
