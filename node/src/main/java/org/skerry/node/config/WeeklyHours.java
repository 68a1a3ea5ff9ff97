package org.skerry.node.config;

import static java.util.stream.Collectors.joining;

import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hours of the week, as the clock on the wall shows them: {@code mon-fri 18:00-08:00}, {@code sat
 * sun}. A span that ends before it begins ends on the next day.
 */
public final class WeeklyHours {
  private static final int DAY = 24 * 60;
  private static final int WEEK = 7 * DAY;
  private static final List<String> NAMES =
      List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
  private static final Pattern LINE =
      Pattern.compile("([a-z]{3}(?:[-, ]+[a-z]{3})*)(?: +(\\d\\d?:\\d\\d) *- *(\\d\\d?:\\d\\d))?");
  private static final Pattern DAYS = Pattern.compile("([a-z]{3})(?: *- *([a-z]{3}))?");

  /** As the owner wrote them. */
  private final String text;

  /** By minute of the week, from Monday 00:00. */
  private final BitSet minutes;

  private WeeklyHours(String text, BitSet minutes) {
    this.text = text;
    this.minutes = minutes;
  }

  /** The hours of any of {@code parts}. */
  public static WeeklyHours anyOf(List<WeeklyHours> parts) {
    BitSet all = new BitSet(WEEK);
    parts.forEach(part -> all.or(part.minutes));
    return new WeeklyHours(parts.stream().map(WeeklyHours::toString).collect(joining("; ")), all);
  }

  /**
   * The hours that {@code text} names.
   *
   * @throws IllegalArgumentException when it is none: says what is wrong
   */
  public static WeeklyHours parse(String text) {
    Matcher line = LINE.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!line.matches()) {
      throw new IllegalArgumentException("not days and a time");
    }
    int from = line.group(2) == null ? 0 : minute(line.group(2));
    int to = line.group(3) == null ? DAY : minute(line.group(3));
    if (from == DAY || from == to) {
      throw new IllegalArgumentException("the time from " + line.group(2) + " is empty");
    }
    int length = to > from ? to - from : to + DAY - from;
    BitSet minutes = new BitSet(WEEK);
    Matcher days = DAYS.matcher(line.group(1));
    while (days.find()) {
      int first = day(days.group(1));
      int last = days.group(2) == null ? first : day(days.group(2));
      for (int day = first; ; day = (day + 1) % NAMES.size()) {
        for (int i = 0; i < length; i++) {
          minutes.set((day * DAY + from + i) % WEEK);
        }
        if (day == last) {
          break;
        }
      }
    }
    return new WeeklyHours(text.strip(), minutes);
  }

  private static int day(String name) {
    int day = NAMES.indexOf(name);
    if (day < 0) {
      throw new IllegalArgumentException("there is no day '" + name + "'");
    }
    return day;
  }

  /** Midnight is the end of a day too: 24:00. */
  private static int minute(String time) {
    int colon = time.indexOf(':');
    int minute = Integer.parseInt(time.substring(colon + 1));
    int all = Integer.parseInt(time.substring(0, colon)) * 60 + minute;
    if (minute > 59 || all > DAY) {
      throw new IllegalArgumentException("there is no time " + time);
    }
    return all;
  }

  /** Whether {@code time} is within them. */
  public boolean contain(LocalDateTime time) {
    return minutes.get(minuteOfWeek(time));
  }

  private static int minuteOfWeek(LocalDateTime time) {
    int day = time.getDayOfWeek().getValue() - DayOfWeek.MONDAY.getValue();
    return day * DAY + time.getHour() * 60 + time.getMinute();
  }

  /** When they begin next after {@code now}, at which they are not; nothing when they never do. */
  public Optional<Instant> nextBegin(Instant now, ZoneId zone) {
    LocalDateTime wall = LocalDateTime.ofInstant(now, zone).withSecond(0).withNano(0);
    int from = minuteOfWeek(wall);
    int next = minutes.nextSetBit(from);
    if (next < 0) {
      next = minutes.nextSetBit(0) + WEEK;
    }
    return minutes.isEmpty()
        ? Optional.empty()
        : Optional.of(wall.plus(Duration.ofMinutes(next - from)).atZone(zone).toInstant());
  }

  /**
   * When they end next after {@code now}, at which they are not over; nothing when they never do.
   */
  public Optional<Instant> nextEnd(Instant now, ZoneId zone) {
    BitSet others = new BitSet(WEEK);
    others.set(0, WEEK);
    others.andNot(minutes);
    return new WeeklyHours("", others).nextBegin(now, zone);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WeeklyHours that && text.equals(that.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
