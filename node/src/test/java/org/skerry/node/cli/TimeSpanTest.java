package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeSpanTest {
  @ParameterizedTest
  @CsvSource({"90s,PT90S", "30m,PT30M", "2h,PT2H", "1d12h,PT36H", "1h 30m,PT90M", "2H,PT2H"})
  void readsTimesAsPeopleWriteThem(String text, Duration time) {
    assertThat(new TimeSpan().convert(text)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0m", "2", "h2", "-2h", "2h soon", "366d", "9999999999s"})
  void saysWhatItCannotRead(String text) {
    assertThatThrownBy(() -> new TimeSpan().convert(text))
        .hasMessageContaining("'" + text + "'")
        .hasMessageContaining("write 90s");
  }
}
