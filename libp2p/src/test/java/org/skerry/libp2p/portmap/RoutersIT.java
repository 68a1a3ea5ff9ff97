package org.skerry.libp2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.skerry.libp2p.portmap.RouterException.Kind;
import org.skerry.libp2p.testing.FakeClock;

/** Routers of made-up behaviour on loopback sockets. */
@Timeout(60)
class RoutersIT {
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();
  private static final Port TCP = new Port(Port.Kind.TCP, 4001);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final String SECOND = "urn:schemas-upnp-org:service:WANIPConnection:2";
  private static final String FIRST = "urn:schemas-upnp-org:service:WANIPConnection:1";

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  @AfterEach
  void close() throws Exception {
    while (!toClose.isEmpty()) {
      toClose.pop().close();
    }
  }

  /** Answers packets; those of no bytes are not sent. */
  private InetSocketAddress packets(Function<byte[], List<byte[]>> answers) throws IOException {
    DatagramSocket socket = new DatagramSocket(0, HERE);
    toClose.push(socket);
    Thread.ofVirtual()
        .start(() -> {
          byte[] buffer = new byte[2048];
          try {
            while (true) {
              DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
              socket.receive(packet);
              for (byte[] answer : answers.apply(Arrays.copyOf(buffer, packet.getLength()))) {
                socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
              }
            }
          } catch (IOException e) {
            // The test is over.
          }
        });
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  // NAT-PMP.

  @Test
  void aLostPacketIsSentAgainAndAStrangeAnswerPassedOver() throws Exception {
    List<byte[]> asked = new CopyOnWriteArrayList<>();
    InetSocketAddress gateway =
        packets(request -> {
          asked.add(request);
          return asked.size() < 3
              ? List.of(hex("00"), hex("0082000000000e100fa1138800000e10"))
              : List.of(hex("0080000000000e10cb007109"));
        });
    NatPmpRouter router = new NatPmpRouter(gateway, new FakeClock());
    assertThat(router.look(List.of()))
        .isEqualTo(new Router.Look(InetAddress.ofLiteral("203.0.113.9"), false));
    assertThat(asked).hasSize(3);
  }

  @Test
  void natPmpMapsAndForgetsAndSaysNo() throws Exception {
    InetSocketAddress gateway =
        packets(request ->
            List.of(
                switch (request[1]) {
                  case 2 ->
                      hex(
                          request[11] == 0 && request[10] == 0
                              ? "00820000000000010fa1000000000000"
                              : "00820000000000010fa1138800000e10");
                  case 1 -> hex("0081000400000001");
                  default -> hex("028000010000000000000000");
                }));
    NatPmpRouter router = new NatPmpRouter(gateway, new FakeClock());
    Lease lease = router.map(TCP, 4001, HOUR);
    assertThat(lease).isEqualTo(new Lease(TCP, 5000, 3600));
    router.unmap(lease);
    assertThatThrownBy(() -> router.map(new Port(Port.Kind.UDP, 4001), 4001, HOUR))
        .isInstanceOfSatisfying(
            RouterException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
        .hasMessageContaining("no room");
    assertThatThrownBy(() -> router.look(List.of())).hasMessageContaining("version");
  }

  @Test
  void aPortThatNobodyListensOnIsSilent() throws Exception {
    InetSocketAddress closed;
    try (DatagramSocket socket = new DatagramSocket(0, HERE)) {
      closed = (InetSocketAddress) socket.getLocalSocketAddress();
    }
    NatPmpRouter router = new NatPmpRouter(closed, new FakeClock());
    assertThatThrownBy(() -> router.look(List.of()))
        .isInstanceOfSatisfying(
            RouterException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SILENT));
  }

  // UPnP.

  /** A gateway; what it answers to a call is set by the test, by the call's name. */
  private final class Gateway {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final Map<String, Function<String, String>> answers = new ConcurrentHashMap<>();
    final HttpServer http;
    String description;

    Gateway(String service) throws IOException {
      http = HttpServer.create(new InetSocketAddress(HERE, 0), 0);
      description =
          "<root><service><serviceType>%s</serviceType><controlURL>/ctl</controlURL></service></root>"
              .formatted(service);
      http.createContext("/root.xml", exchange -> send(exchange, 200, description));
      http.createContext("/ctl", this::called);
      http.start();
      toClose.push(() -> http.stop(0));
    }

    int port() {
      return http.getAddress().getPort();
    }

    private void called(HttpExchange exchange) throws IOException {
      String header = exchange.getRequestHeaders().getFirst("SOAPAction");
      String action = header.substring(header.indexOf('#') + 1, header.length() - 1);
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      calls.add(action + " " + value(body, "NewExternalPort") + value(body, "NewLeaseDuration"));
      String answer = answers.getOrDefault(action, any -> fault(401)).apply(body);
      send(exchange, answer.contains("errorCode") ? 500 : 200, answer);
    }

    List<Router> find() throws IOException {
      InetSocketAddress search =
          packets(request ->
              List.of(
                  "junk".getBytes(StandardCharsets.US_ASCII),
                  "HTTP/1.1 200 OK\r\nLOCATION: http://127.0.0.1:%d/root.xml\r\n\r\n"
                      .formatted(port())
                      .getBytes(StandardCharsets.US_ASCII)));
      List<Router> routers =
          new UpnpSearch(
                  new UpnpSearch.Place(
                      search,
                      List.of(),
                      Optional.of(HERE),
                      InetAddress::isLoopbackAddress,
                      Duration.ofSeconds(10)))
              .find();
      routers.forEach(toClose::push);
      return routers;
    }
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private static String value(String body, String name) {
    int start = body.indexOf("<" + name + ">");
    return start < 0
        ? ""
        : body.substring(start + name.length() + 2, body.indexOf("</" + name + ">")) + " ";
  }

  private static String fault(int code) {
    return "<e><d><errorCode>%d</errorCode><errorDescription>No</errorDescription></d></e>"
        .formatted(code);
  }

  private static String done(String values) {
    return "<e><b><r>" + values + "</r></b></e>";
  }

  @Test
  void theSecondVersionChoosesThePort() throws Exception {
    Gateway gateway = new Gateway(SECOND);
    gateway.answers.put(
        "AddAnyPortMapping", body -> done("<NewReservedPort>4444</NewReservedPort>"));
    gateway.answers.put("DeletePortMapping", body -> done(""));
    Router router = gateway.find().getFirst();
    Lease lease = router.map(TCP, 4001, HOUR);
    assertThat(lease).isEqualTo(new Lease(TCP, 4444, 3600));
    router.unmap(lease);
    assertThat(gateway.calls)
        .containsExactly("AddAnyPortMapping 4001 3600 ", "DeletePortMapping 4444 ");
  }

  @Test
  void aPortThatIsTakenIsLeftForAnotherAndALeaseThatCannotBeForAPermanentOne() throws Exception {
    Gateway gateway = new Gateway(FIRST);
    gateway.answers.put(
        "AddPortMapping",
        body ->
            value(body, "NewExternalPort").equals("4001 ")
                ? fault(SoapMessages.CONFLICT)
                : value(body, "NewLeaseDuration").equals("0 ")
                    ? done("")
                    : fault(SoapMessages.ONLY_PERMANENT_LEASES));
    Lease lease = gateway.find().getFirst().map(TCP, 4001, HOUR);
    assertThat(lease.seconds()).isZero();
    assertThat(lease.externalPort()).isNotEqualTo(4001).isGreaterThan(1023);
    assertThat(gateway.calls).hasSize(3);
  }

  @Test
  void aGatewayThatSaysNoIsQuotedAndAskedNoMore() throws Exception {
    Gateway gateway = new Gateway(SECOND);
    gateway.answers.put("AddAnyPortMapping", body -> fault(606));
    gateway.answers.put("AddPortMapping", body -> fault(606));
    Router router = gateway.find().getFirst();
    assertThatThrownBy(() -> router.map(TCP, 4001, HOUR))
        .isInstanceOfSatisfying(
            RouterException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
        .hasMessageContaining("No (606)");
    assertThat(gateway.calls).hasSize(2);
  }

  @Test
  void oneThatAlwaysHasThePortsTakenIsNotAskedForever() throws Exception {
    Gateway gateway = new Gateway(FIRST);
    gateway.answers.put("AddPortMapping", body -> fault(SoapMessages.CONFLICT));
    Router router = gateway.find().getFirst();
    assertThatThrownBy(() -> router.map(TCP, 4001, HOUR)).hasMessageContaining("718");
    assertThat(gateway.calls).hasSize(4);
  }

  @Test
  void looksForItsAddressAndWhatItWasGiven() throws Exception {
    Gateway gateway = new Gateway(FIRST);
    gateway.answers.put(
        "GetExternalIPAddress",
        body -> done("<NewExternalIPAddress>203.0.113.9</NewExternalIPAddress>"));
    gateway.answers.put(
        "GetSpecificPortMappingEntry",
        body ->
            switch (value(body, "NewExternalPort")) {
              case "1 " -> done("<NewInternalClient>127.0.0.1</NewInternalClient>");
              case "2 " -> done("<NewInternalClient>127.0.0.7</NewInternalClient>");
              case "3 " -> fault(SoapMessages.NO_SUCH_ENTRY);
              default -> fault(501);
            });
    Router router = gateway.find().getFirst();
    InetAddress external = InetAddress.ofLiteral("203.0.113.9");
    boolean[] forgot = {false, true, true, false};
    for (int i = 0; i < forgot.length; i++) {
      assertThat(router.look(List.of(new Lease(TCP, i + 1, 60))))
          .as("port %d", i + 1)
          .isEqualTo(new Router.Look(external, forgot[i]));
    }
    gateway.answers.put(
        "GetExternalIPAddress",
        body -> done("<NewExternalIPAddress>evil.example</NewExternalIPAddress>"));
    assertThatThrownBy(() -> router.look(List.of()))
        .isInstanceOfSatisfying(
            RouterException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MALFORMED));
    gateway.answers.put("GetExternalIPAddress", body -> done(""));
    assertThat(router.look(List.of()).external().isAnyLocalAddress()).isTrue();
  }

  @Test
  void noRedirectIsFollowed() throws Exception {
    Gateway gateway = new Gateway(FIRST);
    List<String> elsewhere = new CopyOnWriteArrayList<>();
    gateway.http.createContext(
        "/elsewhere",
        exchange -> {
          elsewhere.add(exchange.getRequestMethod());
          send(exchange, 200, gateway.description);
        });
    gateway.http.removeContext("/root.xml");
    gateway.http.createContext(
        "/root.xml",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/elsewhere");
          send(exchange, 302, gateway.description);
        });
    assertThat(gateway.find()).isEmpty();
    assertThat(elsewhere).isEmpty();
  }

  @Test
  void aDescriptionThatIsTooLongIsNotRead() throws Exception {
    Gateway gateway = new Gateway(FIRST);
    String whole = gateway.description;
    gateway.description = whole + " ".repeat(RouterHttp.MAX_BYTES - whole.length());
    assertThat(gateway.find()).hasSize(1);
    gateway.description += " ";
    assertThat(gateway.find()).isEmpty();
  }

  @Test
  void anAnswerThatNeverEndsIsGivenUp() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    Gateway gateway = new Gateway(FIRST);
    gateway.http.createContext(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(' ');
          exchange.getResponseBody().flush();
          try {
            over.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          exchange.close();
        });
    try (RouterHttp http = new RouterHttp(Duration.ofMillis(300))) {
      assertThatThrownBy(() -> http.get(URI.create("http://127.0.0.1:" + gateway.port() + "/slow")))
          .isInstanceOfSatisfying(
              RouterException.class, e -> assertThat(e.kind()).isEqualTo(Kind.SILENT));
    } finally {
      over.countDown();
    }
  }
}
