package org.skerry.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WeeklyHoursTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  /** 2 November 2026 is a Monday. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mon-fri 18:00-08:00 | 2026-11-02T17:59 | false
          mon-fri 18:00-08:00 | 2026-11-02T18:00 | true
          mon-fri 18:00-08:00 | 2026-11-03T07:59 | true
          mon-fri 18:00-08:00 | 2026-11-03T08:00 | false
          mon-fri 18:00-08:00 | 2026-11-02T07:00 | false
          mon-fri 18:00-08:00 | 2026-11-07T07:59 | true
          mon-fri 18:00-08:00 | 2026-11-07T18:00 | false
          sun 22:00-06:00     | 2026-11-02T05:59 | true
          sat-mon             | 2026-11-02T23:59 | true
          sat-mon             | 2026-11-01T00:00 | true
          sat-mon             | 2026-11-03T00:00 | false
          Tue, thu 9:30-24:00 | 2026-11-05T23:59 | true
          Tue, thu 9:30-24:00 | 2026-11-04T10:00 | false
          """)
  void readsDaysAndTimesAsOnTheWall(String text, LocalDateTime time, boolean inside) {
    assertThat(WeeklyHours.parse(text).contain(time)).isEqualTo(inside);
  }

  @ParameterizedTest
  @CsvSource({
    "'',days",
    "08:00-10:00,days",
    "mon 08:00,days",
    "mox,mox",
    "mon-fre,fre",
    "mon 8:00-8:00,empty",
    "mon 24:00-08:00,empty",
    "mon 08:60-09:00,08:60",
    "mon 08:00-25:00,25:00"
  })
  void saysWhatItCannotRead(String text, String wrong) {
    assertThatThrownBy(() -> WeeklyHours.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(wrong);
  }

  @Test
  void saysWhenTheyBeginAndWhenTheyEnd() {
    WeeklyHours nights = WeeklyHours.parse("mon-sun 01:00-05:00");
    Instant noon = Instant.parse("2026-11-02T11:00:30Z");
    assertThat(nights.nextBegin(noon, BERLIN)).contains(Instant.parse("2026-11-03T00:00:00Z"));
    assertThat(nights.nextEnd(Instant.parse("2026-11-03T00:00:00Z"), BERLIN))
        .contains(Instant.parse("2026-11-03T04:00:00Z"));
    WeeklyHours monday = WeeklyHours.parse("mon 08:00-09:00");
    assertThat(monday.nextBegin(noon, BERLIN)).contains(Instant.parse("2026-11-09T07:00:00Z"));
    assertThat(WeeklyHours.parse("mon-sun").nextEnd(noon, BERLIN)).isEmpty();
  }

  /** At 02:00 on 29 March 2026 it becomes 03:00 there. */
  @Test
  void goesByTheWallWhereTheClockIsPutForward() {
    WeeklyHours early = WeeklyHours.parse("sun 04:00-05:00");
    Instant before = Instant.parse("2026-03-29T00:30:00Z");
    assertThat(early.nextBegin(before, BERLIN)).contains(Instant.parse("2026-03-29T02:00:00Z"));
  }

  @Test
  void addsUp() {
    WeeklyHours both =
        WeeklyHours.anyOf(List.of(WeeklyHours.parse("mon"), WeeklyHours.parse("wed 12:00-13:00")));
    assertThat(both.contain(LocalDateTime.parse("2026-11-02T00:00"))).isTrue();
    assertThat(both.contain(LocalDateTime.parse("2026-11-03T12:00"))).isFalse();
    assertThat(both.contain(LocalDateTime.parse("2026-11-04T12:00"))).isTrue();
    assertThat(WeeklyHours.anyOf(List.of()).nextBegin(Instant.EPOCH, BERLIN)).isEmpty();
    assertThat(both).hasToString("mon; wed 12:00-13:00");
  }
}
