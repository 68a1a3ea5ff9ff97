package org.skerry.node.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads times as people write them: {@code 90s}, {@code 30m}, {@code 1d12h}. */
final class TimeSpan implements ITypeConverter<Duration> {
  private static final Duration LONGEST = Duration.ofDays(365);
  private static final Pattern SPAN =
      Pattern.compile("(?:(\\d{1,3})d)?(?:(\\d{1,4})h)?(?:(\\d{1,5})m)?(?:(\\d{1,7})s)?");

  @Override
  public Duration convert(String text) {
    Matcher span = SPAN.matcher(text.strip().toLowerCase(Locale.ROOT).replace(" ", ""));
    Duration time = Duration.ZERO;
    if (span.matches()) {
      time =
          Duration.ofDays(number(span, 1))
              .plusHours(number(span, 2))
              .plusMinutes(number(span, 3))
              .plusSeconds(number(span, 4));
    }
    if (time.isZero() || time.compareTo(LONGEST) > 0) {
      throw new TypeConversionException(
          "'" + text + "' is no time up to 365d; write 90s, 30m, 2h or 1d12h");
    }
    return time;
  }

  private static long number(Matcher span, int group) {
    return span.group(group) == null ? 0 : Long.parseLong(span.group(group));
  }
}
