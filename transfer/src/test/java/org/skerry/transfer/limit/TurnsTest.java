package org.skerry.transfer.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

/** Uploads in simulated time. */
class TurnsTest {
  private static final int CHUNK = 256 * 1024;
  private static final PeerId GREEDY = peer(1);
  private static final PeerId MODEST = peer(2);

  @Test
  void holdsTheRateWithinFivePercentOverTenSeconds() {
    for (long rate : List.of(1L << 20, 10L << 20, 100L << 20)) {
      Line line = new Line(new Rates(rate, Rates.ANY));
      line.stream(GREEDY, 1);
      line.stream(MODEST, 1);
      line.run(60_000);
      assertThat((double) line.mostWithin(10_000) / (10 * rate)).as("at %s", rate).isLessThan(1.05);
      assertThat((double) line.bytes() / (60 * rate)).as("at %s", rate).isBetween(0.97, 1.01);
    }
  }

  @Test
  void aPeerWithManyStreamsGetsNoMoreThanOneWithOne() {
    Line line = new Line(new Rates(4L << 20, Rates.ANY));
    for (int i = 0; i < 8; i++) {
      line.stream(GREEDY, 1);
    }
    line.stream(MODEST, 1);
    line.run(60_000);
    assertThat((double) line.bytes(GREEDY) / line.bytes(MODEST)).isBetween(0.95, 1.05);
  }

  @Test
  void whoComesLateGetsItsShareAtOnceAndNothingForThePast() {
    Line line = new Line(new Rates(4L << 20, Rates.ANY));
    line.stream(GREEDY, 1);
    line.run(60_000);
    long before = line.bytes(GREEDY);
    line.stream(MODEST, 1);
    line.run(80_000);
    double share = (double) line.bytes(MODEST) / (line.bytes(GREEDY) - before);
    assertThat(share).isBetween(0.95, 1.05);
  }

  @Test
  void aScarceBlobGoesAhead() {
    Line line = new Line(new Rates(4L << 20, Rates.ANY));
    line.stream(GREEDY, 1);
    line.stream(MODEST, 4);
    line.run(60_000);
    assertThat((double) line.bytes(MODEST) / line.bytes(GREEDY)).isBetween(3.8, 4.2);
  }

  @Test
  void aPeerAtItsOwnLimitLetsOthersPass() {
    Line line = new Line(new Rates(10L << 20, 2L << 20));
    line.stream(GREEDY, 1);
    line.stream(GREEDY, 1);
    line.stream(MODEST, 1);
    line.run(60_000);
    assertThat((double) line.bytes(GREEDY) / (60 * (2 << 20))).isBetween(0.97, 1.02);
    assertThat((double) line.bytes(MODEST) / (60 * (2 << 20))).isBetween(0.97, 1.02);
  }

  @Test
  void aNewRateHoldsAtOnce() {
    for (long rate : List.of(Rates.ANY, 20L << 20, 256L << 10)) {
      Line line = new Line(new Rates(rate, Rates.ANY));
      line.stream(GREEDY, 1);
      line.stream(MODEST, 1);
      line.run(10_000);
      long before = line.bytes();
      line.turns.set(new Rates(4L << 20, Rates.ANY), line.nowMs);
      line.run(20_000);
      double share = (double) (line.bytes() - before) / (40 << 20);
      assertThat(share).as("after %s", rate).isBetween(0.95, 1.05);
    }
  }

  @Test
  void aNewRateOfAPeerHoldsAtOnce() {
    Line line = new Line(new Rates(Rates.ANY, 20L << 20));
    line.stream(GREEDY, 1);
    line.run(10_000);
    long before = line.bytes();
    line.turns.set(new Rates(Rates.ANY, 4L << 20), line.nowMs);
    line.run(20_000);
    assertThat((double) (line.bytes() - before) / (40 << 20)).isBetween(0.95, 1.05);
  }

  @Test
  void ratesThatAlternateAreHeldOnAverage() {
    Line line = new Line(new Rates(8L << 20, Rates.ANY));
    line.stream(GREEDY, 1);
    for (int i = 1; i <= 20; i++) {
      line.run(i * 3_000);
      line.turns.set(new Rates(i % 2 == 0 ? 8L << 20 : 1L << 20, Rates.ANY), line.nowMs);
    }
    assertThat((double) line.bytes() / (30L * (9 << 20))).isBetween(0.95, 1.05);
  }

  @Test
  void whatWasSavedUnderAHigherRateIsNotSpentUnderALower() {
    Line line = new Line(new Rates(100L << 20, 100L << 20));
    line.stream(GREEDY, 1);
    line.run(1_000);
    line.streams.clear(); // Twenty MiB are saved while nobody asks.
    line.run(10_000);
    long before = line.bytes();
    line.turns.set(new Rates(1L << 20, 1L << 20), line.nowMs);
    line.stream(GREEDY, 1);
    line.run(11_000);
    assertThat(line.bytes() - before).isBetween(1L << 20, (1L << 20) + 205 * 1024 + CHUNK);
  }

  @Test
  void whoLeavesTheQueueTakesNothing() {
    Turns turns = new Turns(new Rates(1L << 20, Rates.ANY), 0);
    turns.ask(GREEDY, CHUNK, 1);
    turns.grant(0);
    Turns.Turn left = turns.ask(GREEDY, CHUNK, 1);
    Turns.Turn stays = turns.ask(MODEST, CHUNK, 1);
    turns.cancel(left);
    turns.grant(10_000);
    assertThat(left.isGranted()).isFalse();
    assertThat(stays.isGranted()).isTrue();
    assertThat(turns.grant(20_000)).isEqualTo(Long.MAX_VALUE);
  }

  private static PeerId peer(int number) {
    return new PeerId(Multihash.sha256(new byte[] {(byte) number}));
  }

  /** Streams that ask for the next chunk as soon as one went out. */
  private static final class Line {
    private final Turns turns;
    private final List<Stream> streams = new ArrayList<>();
    private final List<long[]> sent = new ArrayList<>();
    private final Map<PeerId, Long> byPeer = new HashMap<>();
    private long nowMs;

    private static final class Stream {
      private final PeerId peer;
      private final double weight;
      private Turns.Turn turn;

      Stream(PeerId peer, double weight, Turns.Turn turn) {
        this.peer = peer;
        this.weight = weight;
        this.turn = turn;
      }
    }

    Line(Rates rates) {
      turns = new Turns(rates, 0);
    }

    void stream(PeerId peer, double weight) {
      streams.add(new Stream(peer, weight, turns.ask(peer, CHUNK, weight)));
    }

    void run(long untilMs) {
      while (nowMs < untilMs) {
        long again = turns.grant(nowMs);
        for (Stream stream : streams) {
          if (stream.turn.isGranted()) {
            sent.add(new long[] {nowMs, CHUNK});
            byPeer.merge(stream.peer, (long) CHUNK, Long::sum);
            stream.turn = turns.ask(stream.peer, CHUNK, stream.weight);
          }
        }
        nowMs = Math.min(untilMs, Math.max(nowMs + 1, Math.min(again, nowMs + 5)));
      }
    }

    long bytes(PeerId peer) {
      return byPeer.getOrDefault(peer, 0L);
    }

    long bytes() {
      return byPeer.values().stream().mapToLong(Long::longValue).sum();
    }

    long mostWithin(long windowMs) {
      long most = 0;
      long now = 0;
      for (int from = 0, to = 0; to < sent.size(); to++) {
        now += sent.get(to)[1];
        while (sent.get(to)[0] - sent.get(from)[0] >= windowMs) {
          now -= sent.get(from++)[1];
        }
        most = Math.max(most, now);
      }
      return most;
    }
  }
}
