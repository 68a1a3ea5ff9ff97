package org.skerry.transfer.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class QuotaTest {
  private static final ZoneId ZONE = ZoneId.of("Europe/Oslo");

  private final MemoryBooks books = new MemoryBooks();
  private Instant now = Instant.parse("2026-01-30T22:30:00Z"); // 23:30 in Oslo

  @Test
  void aDayEndsAtTheOwnersMidnight() {
    Quota quota = quota(1000, Rates.ANY);
    assertThat(quota.spend(1000)).isTrue();
    assertThat(quota.spend(1)).isFalse();
    assertThat(quota.isSpent()).isTrue();
    assertThat(quota.renewedAt()).isEqualTo(ZonedDateTime.of(2026, 1, 31, 0, 0, 0, 0, ZONE));
    now = now.plusSeconds(1800);
    assertThat(quota.isSpent()).isFalse();
    assertThat(quota.spend(1000)).isTrue();
    assertThat(quota.used()).isEqualTo(new Quota.Used(LocalDate.of(2026, 1, 31), 1000, 2000));
  }

  @Test
  void aMonthOutlastsItsDays() {
    Quota quota = quota(1000, 1500);
    assertThat(quota.spend(1000)).isTrue();
    now = now.plusSeconds(3600);
    assertThat(quota.spend(501)).isFalse();
    assertThat(quota.spend(500)).isTrue();
    assertThat(quota.renewedAt()).isEqualTo(ZonedDateTime.of(2026, 2, 1, 0, 0, 0, 0, ZONE));
    now = now.plusSeconds(86_400);
    assertThat(quota.spend(1000)).isTrue();
    assertThat(quota.used().inMonth()).isEqualTo(1000);
  }

  @Test
  void aClockThatIsSetBackRenewsNothing() {
    Quota quota = quota(1000, Rates.ANY);
    assertThat(quota.spend(1000)).isTrue();
    now = now.minusSeconds(10 * 86_400);
    assertThat(quota.spend(1)).isFalse();
  }

  @Test
  void whoeverIsKilledHasCountedUpToABlockTooMuchAndNeverTooLittle() {
    long limit = 8 * Quota.BLOCK_BYTES;
    long chunk = 256 * 1024;
    long passed = 0;
    for (int life = 0; life < 12; life++) {
      Quota quota = quota(limit, Rates.ANY);
      for (int i = 0; i < 7 + 11 * life && quota.spend(chunk); i++) {
        passed += chunk;
      }
      assertThat(books.used().inDay()).isBetween(passed, passed + (life + 1) * Quota.BLOCK_BYTES);
    }
    assertThat(passed).isLessThanOrEqualTo(limit);
    assertThat(quota(limit, Rates.ANY).isSpent()).isTrue();
  }

  @Test
  void twoProcessesShareOne() {
    long limit = 5 * Quota.BLOCK_BYTES;
    Quota one = quota(limit, Rates.ANY);
    Quota other = quota(limit, Rates.ANY);
    long chunk = 256 * 1024;
    long passed = 0;
    for (boolean more = true; more; ) {
      more = false;
      for (Quota quota : List.of(one, other)) {
        if (quota.spend(chunk)) {
          passed += chunk;
          more = true;
        }
      }
    }
    assertThat(passed).isEqualTo(limit);
  }

  @Test
  void anOrderlyEndGivesBackWhatDidNotPass() {
    Quota quota = quota(Rates.ANY, Rates.ANY);
    assertThat(quota.spend(5000)).isTrue();
    quota.giveBack(1000);
    assertThat(quota.used().inDay()).isEqualTo(4000);
    quota.close();
    assertThat(books.used().inDay()).isEqualTo(4000);
  }

  private Quota quota(long day, long month) {
    return new Quota(new Quota.Limits(day, month), () -> now, ZONE, books);
  }
}
