package org.skerry.node.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 20 GiB}, {@code 500 MB}. */
public final class ByteSize {
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,9})(?:\\.(\\d))?\\s*(B|[kKMGT]i?B)", Pattern.CASE_INSENSITIVE);
  private static final String PREFIXES = "KMGT";

  private ByteSize() {}

  /** The number of bytes {@code text} means. */
  public static long parse(String text) {
    Matcher size = SIZE.matcher(text.strip());
    if (!size.matches()) {
      throw new IllegalArgumentException("not a size");
    }
    String unit = size.group(3).toUpperCase(Locale.ROOT);
    int power = PREFIXES.indexOf(unit.charAt(0)) + 1;
    double base = unit.contains("I") ? 1024 : 1000;
    String tenths = size.group(2) == null ? "0" : size.group(2);
    return (long) (Double.parseDouble(size.group(1) + "." + tenths) * Math.pow(base, power));
  }

  /** {@code bytes} in the largest binary unit that keeps it at least 1, with one decimal. */
  public static String format(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    int power = 0;
    while (value >= 1024 && power < PREFIXES.length()) {
      value /= 1024;
      power++;
    }
    return String.format(Locale.ROOT, "%.1f %siB", value, PREFIXES.charAt(power - 1));
  }
}
