package org.skerry.transfer.fetch;

import com.linecorp.armeria.common.TlsKeyPair;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.WebSeed;

/** A web server over TLS and HTTP/1.1 that knows ranges, and what a test makes of some folders. */
final class TestWebServer implements AutoCloseable {
  static final String HOST = "seed.test";
  static final TlsKeyPair KEYS = TlsKeyPair.ofSelfSigned(HOST);

  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");
  private static final char[] PASSWORD = "test".toCharArray();

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> files = new ConcurrentHashMap<>();
  private final Map<String, HttpHandler> manners = new ConcurrentHashMap<>();
  private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicInteger mostInFlight = new AtomicInteger();

  /**
   * @param from -1 without a range
   */
  record Asked(String path, long from, long to) {
    boolean isLeaves() {
      return path.endsWith(WebSeed.LEAVES_SUFFIX);
    }
  }

  TestWebServer(InetAddress address, int port, TlsKeyPair keys)
      throws IOException, GeneralSecurityException {
    server = HttpsServer.create(new InetSocketAddress(address, port), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  static TestWebServer start() throws IOException, GeneralSecurityException {
    return new TestWebServer(InetAddress.getLoopbackAddress(), 0, KEYS);
  }

  private static SSLContext context(TlsKeyPair keys) throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, PASSWORD);
    store.setKeyEntry(
        "key", keys.privateKey(), PASSWORD, keys.certificateChain().toArray(Certificate[]::new));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  static List<X509Certificate> certificates() {
    return KEYS.certificateChain();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** A folder of this server, which has {@code blobs}. */
  WebSeed seed(String folder, byte[]... blobs) {
    for (byte[] blob : blobs) {
      MerkleTree tree = MerkleTree.of(blob);
      put("/" + folder + "/" + tree.head().id(), blob);
      put("/" + folder + "/" + tree.head().id() + WebSeed.LEAVES_SUFFIX, tree.leaves());
    }
    return WebSeed.parse("https://" + HOST + ":" + port() + "/" + folder + "/");
  }

  void put(String path, byte[] bytes) {
    files.put(path, bytes);
  }

  /** From now on, {@code manner} answers for a folder; it may call {@link #serve}. */
  void behave(String folder, HttpHandler manner) {
    manners.put("/" + folder + "/", manner);
  }

  List<Asked> asked(String folder) {
    synchronized (asked) {
      return asked.stream().filter(a -> a.path().startsWith("/" + folder + "/")).toList();
    }
  }

  int mostInFlight() {
    return mostInFlight.get();
  }

  private void answer(HttpExchange exchange) throws IOException {
    mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      asked.add(range(exchange));
      HttpHandler manner =
          manners.getOrDefault(path.substring(0, path.indexOf('/', 1) + 1), this::serve);
      manner.handle(exchange);
    } finally {
      inFlight.decrementAndGet();
    }
  }

  static Asked range(HttpExchange exchange) {
    String path = exchange.getRequestURI().getPath();
    String text = exchange.getRequestHeaders().getFirst("Range");
    Matcher range = RANGE.matcher(text == null ? "" : text);
    return range.matches()
        ? new Asked(path, Long.parseLong(range.group(1)), Long.parseLong(range.group(2)))
        : new Asked(path, -1, -1);
  }

  /** The bytes of the file, of the range that was asked for; not copied when it is the whole. */
  byte[] bytes(HttpExchange exchange) {
    Asked range = range(exchange);
    byte[] file = files.getOrDefault(range.path(), new byte[0]);
    return range.from() < 0
        ? file
        : Arrays.copyOfRange(file, (int) range.from(), (int) range.to() + 1);
  }

  byte[] file(HttpExchange exchange) {
    return files.getOrDefault(exchange.getRequestURI().getPath(), new byte[0]);
  }

  /** Answers as a good web server does. */
  void serve(HttpExchange exchange) throws IOException {
    if (!files.containsKey(exchange.getRequestURI().getPath())) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    send(exchange, bytes(exchange));
  }

  /** Answers with other bytes, as if they were those that were asked for. */
  void send(HttpExchange exchange, byte[] body) throws IOException {
    begin(exchange, body.length).write(body);
  }

  static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(302, -1);
  }

  /** Begins an answer as a good web server does, and leaves the body to the caller. */
  OutputStream begin(HttpExchange exchange, int bytes) throws IOException {
    Asked range = range(exchange);
    if (range.from() >= 0) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes " + range.from() + "-" + range.to() + "/" + file(exchange).length);
    }
    exchange.sendResponseHeaders(range.from() < 0 ? 200 : 206, bytes);
    return exchange.getResponseBody();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
