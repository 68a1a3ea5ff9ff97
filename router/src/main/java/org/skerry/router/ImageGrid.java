package org.skerry.router;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of small images with a caption before each, as one picture.
 *
 * @param title above everything; may be empty
 * @param rows from top to bottom
 * @param scale by which images are enlarged, each pixel a square
 */
public record ImageGrid(String title, List<Row> rows, int scale) {
  private static final int GAP = 4;
  private static final int TEXT_SCALE = 2;
  private static final int WHITE = 0xffffff;
  private static final int INK = 0x202020;

  /**
   * One row.
   *
   * @param caption of printable ASCII; '\n' starts another line
   */
  public record Row(String caption, Images images) {}

  public ImageGrid {
    rows = List.copyOf(rows);
    if (rows.isEmpty()) {
      throw new IllegalArgumentException("a grid needs at least one row");
    }
    if (scale < 1 || scale > 64) {
      throw new IllegalArgumentException("scale " + scale + " not in 1..64");
    }
  }

  /** Draws the grid. */
  public BufferedImage draw() {
    int titleHeight = title.isEmpty() ? 0 : PixelFont.HEIGHT * TEXT_SCALE + GAP;
    int captionWidth = 0;
    int rowWidth = title.length() * PixelFont.WIDTH * TEXT_SCALE;
    int height = GAP + titleHeight;
    for (Row row : rows) {
      for (String line : row.caption().split("\n")) {
        captionWidth = Math.max(captionWidth, line.length() * PixelFont.WIDTH * TEXT_SCALE + GAP);
      }
      height += rowHeight(row) + GAP;
    }
    for (Row row : rows) {
      int images = row.images().count() * (row.images().size() * scale + GAP);
      rowWidth = Math.max(rowWidth, captionWidth + images);
    }
    var picture = new BufferedImage(GAP + rowWidth + GAP, height, BufferedImage.TYPE_INT_RGB);
    int[] white = new int[picture.getWidth() * picture.getHeight()];
    Arrays.fill(white, WHITE);
    picture.setRGB(0, 0, picture.getWidth(), picture.getHeight(), white, 0, picture.getWidth());
    PixelFont.draw(picture, title, GAP, GAP, TEXT_SCALE, INK);
    int y = GAP + titleHeight;
    for (Row row : rows) {
      drawRow(picture, row, captionWidth, y);
      y += rowHeight(row) + GAP;
    }
    return picture;
  }

  /** One image as a picture: one channel is grey, three are red, green and blue. */
  public static BufferedImage picture(Images images, int index, int scale) {
    int side = images.size() * scale;
    var picture = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    drawImage(picture, images, index, 0, 0, scale);
    return picture;
  }

  private void drawRow(BufferedImage picture, Row row, int captionWidth, int y) {
    String[] lines = row.caption().split("\n");
    int lineHeight = PixelFont.HEIGHT * TEXT_SCALE;
    int top = y + (rowHeight(row) - lines.length * lineHeight) / 2;
    for (int i = 0; i < lines.length; i++) {
      PixelFont.draw(picture, lines[i], GAP, top + i * lineHeight, TEXT_SCALE, INK);
    }
    int side = row.images().size() * scale;
    for (int i = 0; i < row.images().count(); i++) {
      drawImage(picture, row.images(), i, GAP + captionWidth + i * (side + GAP), y, scale);
    }
  }

  private int rowHeight(Row row) {
    int text = row.caption().split("\n").length * PixelFont.HEIGHT * TEXT_SCALE;
    return Math.max(row.images().size() * scale, text);
  }

  private static void drawImage(
      BufferedImage picture, Images images, int index, int left, int top, int scale) {
    if (images.channels() != 1 && images.channels() != 3) {
      throw new IllegalArgumentException(
          "only images of 1 or 3 channels can be drawn, not of " + images.channels());
    }
    int side = images.size() * scale;
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          int channel = images.channels() == 1 ? 0 : c;
          rgb = rgb << 8 | level(images.at(index, channel, row / scale, column / scale));
        }
        picture.setRGB(left + column, top + row, rgb);
      }
    }
  }

  /** {@code [-1, 1]} to {@code 0..255}; what is not a number becomes black. */
  private static int level(float value) {
    return Math.clamp(Math.round((value + 1) * 127.5f), 0, 255);
  }
}
