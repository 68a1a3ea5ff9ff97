package org.skerry.trainer.partition;

import java.awt.Graphics2D;
import java.util.Map;

/**
 * The few characters that pictures of partitions need, five pixels wide and seven high: Java draws
 * text with the system's fonts only, and a container has none.
 */
final class PixelFont {
  static final int WIDTH = 6;
  static final int HEIGHT = 7;

  /** Rows from the top, five bits each, the leftmost pixel the highest bit. */
  private static final Map<Character, int[]> GLYPHS =
      Map.ofEntries(
          Map.entry('0', new int[] {14, 17, 19, 21, 25, 17, 14}),
          Map.entry('1', new int[] {4, 12, 4, 4, 4, 4, 14}),
          Map.entry('2', new int[] {14, 17, 1, 2, 4, 8, 31}),
          Map.entry('3', new int[] {31, 2, 4, 2, 1, 17, 14}),
          Map.entry('4', new int[] {2, 6, 10, 18, 31, 2, 2}),
          Map.entry('5', new int[] {31, 16, 30, 1, 1, 17, 14}),
          Map.entry('6', new int[] {6, 8, 16, 30, 17, 17, 14}),
          Map.entry('7', new int[] {31, 1, 2, 4, 8, 8, 8}),
          Map.entry('8', new int[] {14, 17, 17, 14, 17, 17, 14}),
          Map.entry('9', new int[] {14, 17, 17, 15, 1, 2, 12}),
          Map.entry(':', new int[] {0, 4, 4, 0, 4, 4, 0}),
          Map.entry(' ', new int[] {0, 0, 0, 0, 0, 0, 0}),
          Map.entry('a', new int[] {0, 0, 14, 1, 15, 17, 15}),
          Map.entry('e', new int[] {0, 0, 14, 17, 31, 16, 14}),
          Map.entry('g', new int[] {0, 0, 15, 17, 15, 1, 14}),
          Map.entry('i', new int[] {4, 0, 12, 4, 4, 4, 14}),
          Map.entry('m', new int[] {0, 0, 26, 21, 21, 17, 17}),
          Map.entry('s', new int[] {0, 0, 15, 16, 14, 1, 30}));

  private PixelFont() {}

  /** Draws {@code text} in the current colour with its upper left corner at x, y. */
  static void draw(Graphics2D graphics, String text, int x, int y, int scale) {
    for (int at = 0; at < text.length(); at++) {
      int[] rows = GLYPHS.get(text.charAt(at));
      if (rows == null) {
        throw new IllegalArgumentException("no glyph for '" + text.charAt(at) + "'");
      }
      for (int row = 0; row < HEIGHT; row++) {
        for (int column = 0; column < WIDTH - 1; column++) {
          if ((rows[row] >> (WIDTH - 2 - column) & 1) == 1) {
            graphics.fillRect(x + (at * WIDTH + column) * scale, y + row * scale, scale, scale);
          }
        }
      }
    }
  }
}
