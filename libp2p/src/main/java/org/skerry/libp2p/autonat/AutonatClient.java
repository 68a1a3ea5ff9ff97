package org.skerry.libp2p.autonat;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.skerry.libp2p.Connection;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.wire.AutonatWire.DialBack;
import org.skerry.libp2p.wire.AutonatWire.DialBackResponse;
import org.skerry.libp2p.wire.AutonatWire.DialDataRequest;
import org.skerry.libp2p.wire.AutonatWire.DialDataResponse;
import org.skerry.libp2p.wire.AutonatWire.DialRequest;
import org.skerry.libp2p.wire.AutonatWire.DialResponse;
import org.skerry.libp2p.wire.AutonatWire.Message;

/**
 * Asks servers to dial this host. That an address can be dialled is believed only when the nonce of
 * the request came back over a connection that somebody else opened from outside; that it cannot is
 * the server's word. Servers that speak version 1 only are asked as well; their word is all that
 * they have.
 */
public final class AutonatClient implements AutoCloseable {
  /** More addresses than this are not sent. */
  public static final int MAX_ADDRESSES = 8;

  /** What the specification lets a server ask for. */
  private static final long MAX_DATA_BYTES = 100_000;

  /** How long a nonce may still be on its way when the server says that it was sent. */
  private static final Duration LATE = Duration.ofSeconds(2);

  private final Host host;
  private final Predicate<Multiaddr> isOutside;
  private final SecureRandom random = new SecureRandom();
  private final Map<Long, CompletableFuture<Void>> nonces = new ConcurrentHashMap<>();

  /**
   * Serves dial-backs on {@code host} from now on.
   *
   * @param isOutside of an address that a dial-back comes from, whether it proves anything; in
   *     production {@link Multiaddr#isPublic}
   */
  public AutonatClient(Host host, Predicate<Multiaddr> isOutside) {
    this.host = host;
    this.isOutside = isOutside;
    host.handle(AutonatMessages.DIAL_BACK, this::dialledBack);
  }

  private void dialledBack(Stream stream) throws Libp2pException {
    Connection connection = stream.connection();
    long nonce =
        AutonatMessages.read(stream, DialBack.parser(), AutonatMessages.MAX_DIAL_BACK_BYTES)
            .getNonce();
    CompletableFuture<Void> waiting = nonces.get(nonce);
    if (waiting == null) {
      throw AutonatMessages.violation(stream, "a nonce that nobody gave out");
    }
    Multiaddr from = connection.remoteAddress();
    if (connection.initiator() || from.isRelayed() || !isOutside.test(from)) {
      throw AutonatMessages.violation(stream, "a nonce over a connection that proves nothing");
    }
    waiting.complete(null);
    stream.writeMessage(
        DialBackResponse.newBuilder()
            .setStatus(DialBackResponse.DialBackStatus.OK)
            .build()
            .toByteArray());
  }

  /**
   * Has {@code server} dial one of {@code addresses}: the first one that it can.
   *
   * @param timeout for the whole of it; a server may take long to find that nobody answers
   */
  public Verdict ask(PeerId server, List<Multiaddr> addresses, Duration timeout) {
    List<Multiaddr> asked =
        addresses.stream().map(Multiaddr::withoutPeerId).limit(MAX_ADDRESSES).toList();
    long nonce = random.nextLong();
    CompletableFuture<Void> proof = new CompletableFuture<>();
    nonces.put(nonce, proof);
    try (Stream stream =
        host.open(server, List.of(AutonatMessages.DIAL_REQUEST, AutonatMessages.V1), timeout)) {
      stream.timeout(timeout);
      if (stream.protocol().equals(AutonatMessages.V1)) {
        return new AutonatV1Question(host.peerId(), asked).ask(stream);
      }
      DialRequest.Builder request = DialRequest.newBuilder().setNonce(nonce);
      asked.forEach(address -> request.addAddrs(ByteString.copyFrom(address.bytes())));
      write(stream, Message.newBuilder().setDialRequest(request).build());
      Message answer = AutonatMessages.read(stream);
      if (answer.hasDialDataRequest()) {
        pay(stream, answer.getDialDataRequest());
        answer = AutonatMessages.read(stream);
      }
      if (!answer.hasDialResponse()) {
        throw AutonatMessages.violation(stream, "no answer to a dial request");
      }
      return verdict(answer.getDialResponse(), asked, proof);
    } catch (Libp2pException e) {
      return new Verdict.Undecided(String.valueOf(e.getMessage()));
    } finally {
      nonces.remove(nonce);
    }
  }

  private static void write(Stream stream, Message message) throws Libp2pException {
    stream.writeMessage(message.toByteArray());
  }

  /**
   * Sends as many bytes as the server wants before it dials an address that is not where we are.
   */
  private static void pay(Stream stream, DialDataRequest wanted) throws Libp2pException {
    // As a signed number, so that what is beyond a long is refused too.
    if (wanted.getNumBytes() < 0 || wanted.getNumBytes() > MAX_DATA_BYTES) {
      throw AutonatMessages.violation(stream, "a wish for more data than is customary");
    }
    Message data =
        Message.newBuilder()
            .setDialDataResponse(
                DialDataResponse.newBuilder()
                    .setData(ByteString.copyFrom(new byte[AutonatMessages.MAX_DATA_BYTES])))
            .build();
    for (long sent = 0; sent < wanted.getNumBytes(); sent += AutonatMessages.MAX_DATA_BYTES) {
      write(stream, data);
    }
  }

  private static Verdict verdict(
      DialResponse response, List<Multiaddr> asked, CompletableFuture<Void> proof) {
    int index = response.getAddrIdx();
    if (response.getStatus() != DialResponse.ResponseStatus.OK) {
      return new Verdict.Undecided("the server answers " + response.getStatusValue());
    }
    if (index < 0 || index >= asked.size()) {
      return new Verdict.Undecided("the server names an address that it was not given");
    }
    return switch (response.getDialStatus()) {
      case OK ->
          hasCome(proof)
              ? new Verdict.Reachable(asked.get(index))
              : new Verdict.Undecided("the server claims a dial that never arrived");
      case E_DIAL_ERROR -> new Verdict.Unreachable(asked.get(index));
      case E_DIAL_BACK_ERROR, UNUSED, UNRECOGNIZED ->
          new Verdict.Undecided("the server answers dial status " + response.getDialStatusValue());
    };
  }

  private static boolean hasCome(CompletableFuture<Void> proof) {
    try {
      proof.get(LATE.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Serves no more dial-backs. */
  @Override
  public void close() {
    host.unhandle(AutonatMessages.DIAL_BACK);
  }
}
