package org.skerry.node.report;

import java.util.Locale;

/** Writes SVG text. Colours are CSS classes of the page, so that charts follow light and dark. */
final class Svg {
  private final StringBuilder out = new StringBuilder();

  /** A drawing of this size in its own units; the page scales it to its column. */
  Svg(int width, int height, String label) {
    out.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">"
            .formatted(width, height, Html.escape(label)));
  }

  Svg line(double x1, double y1, double x2, double y2, String style) {
    return raw(
        "<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" class=\"%s\"/>"
            .formatted(number(x1), number(y1), number(x2), number(y2), style));
  }

  Svg rect(double x, double y, double width, double height, String style, String tip) {
    return raw(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"3\" class=\"%s\">%s</rect>"
            .formatted(
                number(x),
                number(y),
                number(Math.max(width, 0.5)),
                number(height),
                style,
                title(tip)));
  }

  Svg text(double x, double y, String anchor, String style, String text) {
    return raw(
        "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" class=\"%s\">%s</text>"
            .formatted(number(x), number(y), anchor, style, Html.escape(text)));
  }

  Svg path(String data, String style, String tip) {
    return raw("<path d=\"%s\" class=\"%s\">%s</path>".formatted(data, style, title(tip)));
  }

  Svg circle(double x, double y, double radius, String style, String tip) {
    return raw(
        "<circle cx=\"%s\" cy=\"%s\" r=\"%s\" class=\"%s\">%s</circle>"
            .formatted(number(x), number(y), number(radius), style, title(tip)));
  }

  private Svg raw(String markup) {
    out.append(markup);
    return this;
  }

  private static String title(String tip) {
    return tip.isEmpty() ? "" : "<title>" + Html.escape(tip) + "</title>";
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  String end() {
    return out + "</svg>";
  }
}
