package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.node.event.Event;

final class RefusalNewsTest {
  private final RefusalNews news = new RefusalNews();

  private static String peer(String name) {
    return new PeerId(Multihash.sha256(name.getBytes(StandardCharsets.UTF_8))).toString();
  }

  private static RefusalNews.Line record(String name) {
    return new RefusalNews.Line(peer(name), "record", "BAD_SIGNATURE");
  }

  @Test
  void tellsOnlyWhatIsNewAndNamesThePeer() {
    RefusalNews.Line chunk = new RefusalNews.Line(peer("liar"), "chunk", "BAD_CHUNK");
    assertThat(news.since(Map.of(record("liar"), 1L)))
        .containsExactly(new Event.Refused(peer("liar"), "record", "BAD_SIGNATURE"));
    assertThat(news.since(Map.of(record("liar"), 4L, chunk, 2L)))
        .containsExactly(
            new Event.Refused(peer("liar"), "3 records", "BAD_SIGNATURE"),
            new Event.Refused(peer("liar"), "2 chunks", "BAD_CHUNK"));
    assertThat(news.since(Map.of(record("liar"), 4L, chunk, 2L))).isEmpty();
  }

  @Test
  void countsAPeerAnewThatTheLedgerForgot() {
    news.since(Map.of(record("liar"), 5L));
    news.since(Map.of());
    assertThat(news.since(Map.of(record("liar"), 1L))).hasSize(1);
    assertThat(news.since(Map.of(record("liar"), 7L)))
        .containsExactly(new Event.Refused(peer("liar"), "6 records", "BAD_SIGNATURE"));
  }

  @Test
  void namesTheWorstAndSumsUpTheRestOfAFlood() {
    Map<RefusalNews.Line, Long> flood = new LinkedHashMap<>();
    for (int i = 0; i < 1000; i++) {
      flood.put(record("id " + i), 1L);
    }
    flood.put(record("liar"), 9L);
    assertThat(news.since(flood))
        .hasSize(RefusalNews.MAX_NAMED + 1)
        .startsWith(new Event.Refused(peer("liar"), "9 records", "BAD_SIGNATURE"))
        .endsWith(new Event.Refused("", "969 chunks and records of others", "MANY_PEERS"));
  }
}
