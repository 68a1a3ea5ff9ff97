package org.skerry.node.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventLogTest {
  @TempDir Path folder;

  @Test
  void readsBackEveryKindOfEvent() throws Exception {
    List<Event> events =
        List.of(
            new Event.Started("volunteer", "0.1", List.of("/ip4/127.0.0.1/tcp/1")),
            new Event.Joined(3),
            new Event.Reach("reachable", List.of("/ip4/203.0.113.7/tcp/4001")),
            new Event.Killed("ada", "SIGKILL"),
            new Event.TaskPublished("bafy", "emoji", List.of("expert-0", "router")),
            new Event.Estimated("bafy", "expert-0", 9, 1 << 30, 2, "about 2 h here"),
            new Event.TooLarge("bafy", "expert-0", 1 << 30, 1 << 29),
            new Event.Claimed("bafy", "expert-0", 10_000),
            new Event.Renewed("bafy", "expert-0"),
            new Event.LeaseLost("bafy", "expert-0", "superseded"),
            new Event.Standby("nothing to train"),
            new Event.Paused("limits.hours", "outside the hours", 1234),
            new Event.Resumed(),
            new Event.NetworkHeld("limits.on-metered", "on a metered network", 0),
            new Event.Reconfigured(List.of("node.name")),
            new Event.Misconfigured("config.toml:1: it is wrong", 2),
            new Event.WorkerStarted(12, "train"),
            new Event.WorkerLost(12, "signal 9"),
            new Event.TakeOver("bafy", "expert-0", "bafm", "12D3", 40),
            new Event.Step("expert-0", 5, 0.25, 100, 0.01),
            new Event.BadSamples("expert-0", 2),
            new Event.Checkpoint("expert-0", 5),
            new Event.RolledBack("expert-0", 9, 5),
            new Event.ManifestPublished("bafy", "expert-0", "bafm", "", 5, 0.3, 0.4, false),
            new Event.Attested("bafy", "expert-0", "bafm", "12D3", true, "", 1, 2, 3, 4),
            new Event.UnitFinished("bafy", "expert-0", 9),
            new Event.BlobFetched("bafb", 100, 0.5, Map.of("12D3", 100L)),
            new Event.Served("12D3", 7),
            new Event.Refused("12D3", "chunk", "HASH_MISMATCH"),
            new Event.Sampled("top-1", 8, Map.of("expert-0", 8L)),
            new Event.Stopped("asked to"));
    Path file = folder.resolve("logs/events.jsonl");
    InstantSource clock = InstantSource.fixed(Instant.ofEpochMilli(1234));
    try (EventLog log = EventLog.open(file, clock, "ada", "12D3me")) {
      events.forEach(log::record);
    }

    List<LoggedEvent> read = new EventTail(file).poll();

    assertThat(read).extracting(LoggedEvent::event).containsExactlyElementsOf(events);
    assertThat(read).allMatch(e -> e.atMs() == 1234 && e.node().equals("ada"));
    assertThat(events)
        .as("one example of every kind")
        .hasSize(Event.class.getPermittedSubclasses().length);
  }

  @Test
  void waitsForTheRestOfALineAndSkipsKindsFromTheFuture() throws Exception {
    Path file = folder.resolve("events.jsonl");
    EventTail tail = new EventTail(file);
    assertThat(tail.poll()).isEmpty();

    append(file, "{\"atMs\":1,\"node\":\"a\",\"peer\":\"p\",\"event\":{\"event\":\"joi");
    assertThat(tail.poll()).isEmpty();

    append(file, "ned\",\"peers\":4}}\n{\"event\":{\"event\":\"teleported\"}}\n");
    assertThat(tail.poll()).extracting(LoggedEvent::event).containsExactly(new Event.Joined(4));
    assertThat(tail.poll()).isEmpty();
  }

  private static void append(Path file, String text) throws Exception {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
