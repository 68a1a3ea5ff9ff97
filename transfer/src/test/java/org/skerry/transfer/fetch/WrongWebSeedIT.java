package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.TransferLedger.WebRefusal;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.web.WebRules;

/** Web seeds that answer wrongly, beside one that does not. */
@Timeout(180)
class WrongWebSeedIT extends WebSeedCase {
  /** What a web seed does wrong, and what for it is banned. */
  private enum Wrong {
    LEAVES(Rejection.WRONG_HEAD) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        byte[] body = server.bytes(exchange).clone();
        body[body.length / 2] ^= 1;
        server.send(exchange, body);
      }
    },
    MORE_LEAVES(Rejection.MALFORMED_MESSAGE) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        byte[] body = server.bytes(exchange);
        server.send(exchange, Arrays.copyOf(body, body.length + MerkleTree.HASH_BYTES));
      }
    },
    ENDLESS_LEAVES(Rejection.MALFORMED_MESSAGE) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0); // chunked
        try (OutputStream out = exchange.getResponseBody()) {
          byte[] zeros = new byte[1 << 20];
          for (int i = 0; i < 256; i++) {
            out.write(zeros);
          }
        }
      }
    },
    CHUNK(Rejection.BAD_CHUNK) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        byte[] body = server.bytes(exchange).clone();
        body[body.length / 2] ^= TestWebServer.range(exchange).isLeaves() ? 0 : (byte) 1;
        server.send(exchange, body);
      }
    },
    RANGE(Rejection.MALFORMED_MESSAGE) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        sayRange(server, exchange, 1, "*");
      }
    },
    TOTAL(Rejection.MALFORMED_MESSAGE) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        sayRange(server, exchange, 0, "99999999");
      }
    },
    LENGTH(Rejection.MALFORMED_MESSAGE) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        byte[] body = server.bytes(exchange);
        int more = TestWebServer.range(exchange).isLeaves() ? 0 : 1;
        server.send(exchange, Arrays.copyOf(body, body.length + more));
      }
    },
    NO_RANGES(Rejection.MALFORMED_MESSAGE) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        byte[] body = server.file(exchange);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
    },
    ENCODING(Rejection.MALFORMED_MESSAGE) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Encoding", "gzip");
        server.serve(exchange);
      }
    },
    REDIRECT_TO_PRIVATE(Rejection.FORBIDDEN_ADDRESS) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        TestWebServer.redirect(exchange, "https://10.0.0.1/latest/meta-data/");
      }
    },
    REDIRECT_TO_PLAIN(Rejection.FORBIDDEN_ADDRESS) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        TestWebServer.redirect(
            exchange, "http://" + TestWebServer.HOST + ":" + server.port() + "/good/");
      }
    },
    REDIRECT_TO_LOW_PORT(Rejection.FORBIDDEN_ADDRESS) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        TestWebServer.redirect(exchange, "https://" + TestWebServer.HOST + ":22/");
      }
    },
    REDIRECT_FOREVER(Rejection.MALFORMED_MESSAGE) {
      @Override
      void answer(TestWebServer server, HttpExchange exchange) throws IOException {
        TestWebServer.redirect(exchange, exchange.getRequestURI() + "x");
      }
    };

    private final Rejection rejection;

    Wrong(Rejection rejection) {
      this.rejection = rejection;
    }

    /** Says that a part comes which begins {@code shift} bytes behind what was asked for. */
    private static void sayRange(
        TestWebServer server, HttpExchange exchange, int shift, String total) throws IOException {
      TestWebServer.Asked asked = TestWebServer.range(exchange);
      if (asked.isLeaves()) {
        server.serve(exchange);
        return;
      }
      String range = "bytes %d-%d/%s".formatted(asked.from() + shift, asked.to() + shift, total);
      exchange.getResponseHeaders().set("Content-Range", range);
      exchange.sendResponseHeaders(206, -1);
    }

    abstract void answer(TestWebServer server, HttpExchange exchange) throws IOException;
  }

  @ParameterizedTest
  @EnumSource(Wrong.class)
  void bansAWrongSeedForTheBlobAndTakesTheRestFromAnother(Wrong wrong) throws IOException {
    WebSeed bad = server.seed("bad", blob);
    server.behave("bad", exchange -> wrong.answer(server, exchange));
    WebSeed good = server.seed("good", blob);
    server.behave(
        "good",
        exchange -> {
          if (!TestWebServer.range(exchange).isLeaves()) {
            await().atMost(PATIENCE).until(() -> ledger.refused() > 0);
          }
          server.serve(exchange);
        });
    BlobFetcher fetcher = fetcher(loopbackNames(), FetchLimits.DEFAULT);
    assertThat(fetch(fetcher, bad, good)).hasBinaryContent(blob);
    assertThat(ledger.webRefusals()).containsExactly(new WebRefusal(bad, wrong.rejection, 1));
    store.delete(id);
    int before = server.asked("bad").size();
    assertThat(fetch(fetcher, bad, good)).hasBinaryContent(blob);
    assertThat(server.asked("bad")).as("asked again").hasSize(before);
    assertThat(before).isLessThan(12);
  }

  /** The server's name is loopback's, and an address is itself. */
  private static WebRules loopbackNames() {
    return rules(
        InetAddress::isLoopbackAddress,
        host ->
            host.equals(TestWebServer.HOST)
                ? List.of(InetAddress.getLoopbackAddress())
                : List.of(InetAddress.ofLiteral(host)));
  }
}
