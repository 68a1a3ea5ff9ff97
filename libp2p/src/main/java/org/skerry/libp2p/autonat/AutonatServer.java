package org.skerry.libp2p.autonat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.wire.AutonatWire.DialDataRequest;
import org.skerry.libp2p.wire.AutonatWire.DialRequest;
import org.skerry.libp2p.wire.AutonatWire.DialResponse;
import org.skerry.libp2p.wire.AutonatWire.DialResponse.ResponseStatus;
import org.skerry.libp2p.wire.AutonatWire.DialStatus;
import org.skerry.libp2p.wire.AutonatWire.Message;

/**
 * Dials others back who ask for it, in versions 2 and 1 of the protocol. It dials one address a
 * request (up to four in version 1, where the request came from), never one that is not public, and
 * one that is not where the request came from only after the client has sent more than a handshake
 * costs, so that nobody gains by having somebody else dialled.
 */
public final class AutonatServer implements AutoCloseable {
  private static final int LEAST_DATA_BYTES = 30_000;
  private static final int MOST_DATA_BYTES = 100_000;

  /** Data in smaller pieces would cost this side more than the other. */
  private static final int LEAST_PIECE_BYTES = 100;

  static final int MAX_ADDRESSES = 64;
  private static final Duration DIAL_TIME = Duration.ofSeconds(10);
  private static final Duration STREAM_TIME = Duration.ofSeconds(15);
  private static final Duration REQUEST_TIME = Duration.ofSeconds(60);

  /**
   * What it does for others.
   *
   * @param dialsPerMinute for all together
   * @param dialsPerPlace for all peers of one IP address, in a minute
   * @param atOnce requests under way; of one IP address there is one
   */
  public record Limits(int dialsPerMinute, int dialsPerPlace, int atOnce) {
    public static final Limits DEFAULT = new Limits(60, 6, 8);
  }

  private final TcpHost host;
  private final BackDialler dialler;
  private final Predicate<Multiaddr> mayDial;
  private final DialQuota quota;

  /**
   * Serves requests on {@code host} from now on.
   *
   * @param mayDial which addresses may be dialled; in production {@link Multiaddr#isPublic}
   */
  public AutonatServer(
      TcpHost host, Predicate<Multiaddr> mayDial, Limits limits, InstantSource clock)
      throws Libp2pException {
    this.host = host;
    this.mayDial = mayDial;
    this.quota = new DialQuota(limits, clock);
    dialler = new BackDialler(host.config());
    host.handle(AutonatMessages.DIAL_REQUEST, this::serve);
    host.handle(AutonatMessages.V1, new AutonatV1Server(this)::serve);
  }

  private void serve(Stream stream) throws Libp2pException {
    limitTime(stream);
    // Before a refusal, too: what comes for a closed stream resets it, and its answer is lost.
    Message message = AutonatMessages.read(stream);
    if (!message.hasDialRequest()) {
      throw AutonatMessages.violation(stream, "no dial request");
    }
    Optional<String> place = admit(stream);
    if (place.isEmpty()) {
      answer(stream, DialResponse.newBuilder().setStatus(ResponseStatus.E_REQUEST_REJECTED));
      return;
    }
    DialResponse.Builder response;
    try {
      response = serve(stream, message.getDialRequest());
    } finally {
      leave(place.get());
    }
    answer(stream, response); // Who reads it and asks again finds the place free.
  }

  static void limitTime(Stream stream) {
    stream.timeout(STREAM_TIME);
    // Who sends a byte now and then must not keep the place for long.
    CompletableFuture.delayedExecutor(REQUEST_TIME.toMillis(), TimeUnit.MILLISECONDS)
        .execute(stream::reset);
  }

  /** The place that is to be given back; nothing when who asks is not served now. */
  Optional<String> admit(Stream stream) {
    Multiaddr from = stream.connection().remoteAddress();
    // Ids are free, addresses are not.
    String place = from.ip().map(HexFormat.of()::formatHex).orElse("");
    return !from.isRelayed() && quota.admit(place) ? Optional.of(place) : Optional.empty();
  }

  void leave(String place) {
    quota.leave(place);
  }

  BackDialler dialler() {
    return dialler;
  }

  private DialResponse.Builder serve(Stream stream, DialRequest request) throws Libp2pException {
    List<ByteString> addresses = request.getAddrsList();
    for (int i = 0; i < Math.min(addresses.size(), MAX_ADDRESSES); i++) {
      Optional<Multiaddr> address = dialable(addresses.get(i));
      if (address.isPresent()) {
        if (!isWhere(stream, address.get())) {
          takeData(stream, i);
        }
        BackDialler.Outcome outcome =
            dialler.dial(stream.remotePeer(), address.get(), request.getNonce(), DIAL_TIME);
        return DialResponse.newBuilder()
            .setStatus(ResponseStatus.OK)
            .setAddrIdx(i)
            .setDialStatus(
                switch (outcome) {
                  case REACHED -> DialStatus.OK;
                  case NOT_REACHED -> DialStatus.E_DIAL_ERROR;
                  case REACHED_AND_REFUSED -> DialStatus.E_DIAL_BACK_ERROR;
                });
      }
    }
    return DialResponse.newBuilder().setStatus(ResponseStatus.E_DIAL_REFUSED);
  }

  /** Only a literal address: looking names up for others is no part of this. */
  Optional<Multiaddr> dialable(ByteString bytes) {
    try {
      Multiaddr address = Multiaddr.ofBytes(bytes.toByteArray()).withoutPeerId();
      boolean isKnown = address.isTcp() || (address.isQuic() && speaksQuic());
      return isKnown
              && address.ip().isPresent()
              && mayDial.test(address)
              && !isOwn(address)
              && !isBlocked(address)
              && hasWayTo(address)
          ? Optional.of(address)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // a transport that this version does not know
    }
  }

  /** Where this host has no IPv6 itself, a failure would say nothing about the client. */
  private boolean hasWayTo(Multiaddr address) {
    return address.value(Multiaddr.Protocol.IP6).isEmpty()
        || host.listenAddresses().stream()
            .anyMatch(own -> own.isPublic() && own.value(Multiaddr.Protocol.IP6).isPresent());
  }

  private boolean speaksQuic() {
    return TcpHost.speaksQuic() && host.config().privateNetwork().isEmpty();
  }

  private boolean isBlocked(Multiaddr address) {
    return address.ip().filter(host.blocked()::blocks).isPresent();
  }

  private boolean isOwn(Multiaddr address) {
    return host.listenAddresses().contains(address);
  }

  /** Whether the request came from the IP address of {@code address}. */
  static boolean isWhere(Stream stream, Multiaddr address) {
    return stream
        .connection()
        .remoteAddress()
        .ip()
        .filter(ip -> Arrays.equals(ip, address.ip().orElseThrow()))
        .isPresent();
  }

  private static void takeData(Stream stream, int index) throws Libp2pException {
    int wanted = ThreadLocalRandom.current().nextInt(LEAST_DATA_BYTES, MOST_DATA_BYTES + 1);
    stream.writeMessage(
        Message.newBuilder()
            .setDialDataRequest(DialDataRequest.newBuilder().setAddrIdx(index).setNumBytes(wanted))
            .build()
            .toByteArray());
    int left = wanted;
    while (left > 0) {
      Message message = AutonatMessages.read(stream);
      int size = message.getDialDataResponse().getData().size();
      if (size < Math.min(left, LEAST_PIECE_BYTES) || size > AutonatMessages.MAX_DATA_BYTES) {
        throw AutonatMessages.violation(stream, "dial data in pieces of " + size + " bytes");
      }
      left -= size;
    }
  }

  private static void answer(Stream stream, DialResponse.Builder response) throws Libp2pException {
    stream.writeMessage(Message.newBuilder().setDialResponse(response).build().toByteArray());
  }

  /** Dials nobody any more. */
  @Override
  public void close() {
    host.unhandle(AutonatMessages.DIAL_REQUEST);
    host.unhandle(AutonatMessages.V1);
    dialler.close();
  }
}
