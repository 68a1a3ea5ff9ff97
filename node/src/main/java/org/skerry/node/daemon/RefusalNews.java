package org.skerry.node.daemon;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.skerry.node.event.Event;

/**
 * What was refused since the last look at the ledgers, as events: one for each peer and reason, and
 * a single one for the rest when there are too many to name, so that who comes under ever new ids
 * does not fill the log. Not thread-safe.
 */
final class RefusalNews {
  /** Events of one look that name a peer. */
  static final int MAX_NAMED = 32;

  /**
   * What a ledger counts.
   *
   * @param who a peer or a web seed
   * @param what what was refused, in the singular
   */
  record Line(String who, String what, String reason) {}

  private record Increase(Line line, long count) {}

  /** As large as the ledgers, which are bounded. */
  private Map<Line, Long> seen = Map.of();

  /** The events that lead from the counts of the last look to {@code counts}. */
  List<Event> since(Map<Line, Long> counts) {
    List<Increase> increases = new ArrayList<>();
    counts.forEach((line, count) -> {
      long before = seen.getOrDefault(line, 0L);
      if (count != before) {
        // A smaller count is that of one who was forgotten meanwhile, and counted anew.
        increases.add(new Increase(line, count > before ? count - before : count));
      }
    });
    seen = Map.copyOf(counts);
    increases.sort(Comparator.comparingLong(Increase::count).reversed());
    List<Event> events = new ArrayList<>();
    long rest = 0;
    for (Increase increase : increases) {
      if (events.size() < MAX_NAMED) {
        events.add(event(increase));
      } else {
        rest += increase.count();
      }
    }
    if (rest > 0) {
      events.add(new Event.Refused("", rest + " chunks and records of others", "MANY_PEERS"));
    }
    return events;
  }

  private static Event event(Increase increase) {
    Line line = increase.line();
    String what = increase.count() == 1 ? line.what() : increase.count() + " " + line.what() + "s";
    return new Event.Refused(line.who(), what, line.reason());
  }
}
