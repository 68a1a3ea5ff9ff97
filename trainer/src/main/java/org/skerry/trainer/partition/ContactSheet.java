package org.skerry.trainer.partition;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.dataset.ShardWriter;

/** A PNG with the first images of a set in rows, enlarged without smoothing. */
public final class ContactSheet {
  private static final int CELL = 64;
  private static final int GAP = 4;

  private ContactSheet() {}

  /** Writes at most {@code rows · columns} images to {@code png}. */
  public static void write(ImageSet images, int rows, int columns, Path png) throws IOException {
    int scale = Math.max(1, CELL / images.size());
    int cell = images.size() * scale;
    int shown = Math.min(images.count(), rows * columns);
    int usedRows = Math.max(1, (shown + columns - 1) / columns);
    BufferedImage sheet =
        new BufferedImage(
            columns * (cell + GAP) + GAP,
            usedRows * (cell + GAP) + GAP,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    try {
      graphics.setColor(Color.DARK_GRAY);
      graphics.fillRect(0, 0, sheet.getWidth(), sheet.getHeight());
      for (int i = 0; i < shown; i++) {
        int x = GAP + i % columns * (cell + GAP);
        int y = GAP + i / columns * (cell + GAP);
        graphics.drawImage(ShardWriter.toBufferedImage(images, i), x, y, cell, cell, null);
      }
    } finally {
      graphics.dispose();
    }
    if (!ImageIO.write(sheet, "png", png.toFile())) {
      throw new IOException("this Java has no PNG writer");
    }
  }
}
