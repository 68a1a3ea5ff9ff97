package org.skerry.trainer.partition;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.skerry.trainer.features.PrincipalComponents;

/**
 * A PNG with a dot for every image where its features lie on their first two principal components,
 * in the colour of its partition; each partition's number stands at the middle of its dots, and a
 * legend names colours, numbers and sizes.
 */
final class FeatureMap {
  private static final int SIDE = 720;
  private static final int MARGIN = 16;
  private static final int MOST_DOTS = 8_000;
  private static final double DOT = 4;
  private static final int LINE = 24;
  private static final int LEGEND_WIDTH = 230;
  private static final int SCALE = 2;

  private FeatureMap() {}

  static void write(Partitioning partitioning, Path png) throws IOException {
    int k = partitioning.partitions().size();
    int perColumn = (SIDE - 2 * MARGIN) / LINE;
    int columns = (k + perColumn - 1) / perColumn;
    BufferedImage map =
        new BufferedImage(SIDE + columns * LEGEND_WIDTH, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = map.createGraphics();
    try {
      graphics.setColor(Color.WHITE);
      graphics.fillRect(0, 0, map.getWidth(), map.getHeight());
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      drawDots(graphics, partitioning);
      for (int i = 0; i < k; i++) {
        int x = SIDE + i / perColumn * LEGEND_WIDTH;
        int y = MARGIN + i % perColumn * LINE;
        graphics.setColor(colour(i));
        graphics.fillRect(x, y, 2 * PixelFont.HEIGHT, 2 * PixelFont.HEIGHT);
        graphics.setColor(Color.BLACK);
        String text = i + ": " + partitioning.partitions().get(i).count() + " images";
        PixelFont.draw(graphics, text, x + LINE, y, SCALE);
      }
    } finally {
      graphics.dispose();
    }
    if (!ImageIO.write(map, "png", png.toFile())) {
      throw new IOException("this Java has no PNG writer");
    }
  }

  private static void drawDots(Graphics2D graphics, Partitioning partitioning) {
    float[][] vectors = partitioning.features().vectors();
    float[][] places = PrincipalComponents.fit(vectors, 2).project(vectors);
    if (places[0].length < 2) {
      places = Arrays.stream(places).map(p -> new float[] {p[0], 0}).toArray(float[][]::new);
    }
    double reach = 1e-9;
    for (float[] place : places) {
      reach = Math.max(reach, Math.max(Math.abs(place[0]), Math.abs(place[1])));
    }
    double scale = (SIDE / 2.0 - MARGIN) / reach;
    int[] assigned = partitioning.assigned();
    int k = partitioning.partitions().size();
    double[][] middle = new double[k][2];
    int step = Math.max(1, places.length / MOST_DOTS);
    for (int i = 0; i < places.length; i++) {
      double x = SIDE / 2.0 + scale * places[i][0];
      double y = SIDE / 2.0 - scale * places[i][1];
      int members = partitioning.partitions().get(assigned[i]).count();
      middle[assigned[i]][0] += x / members;
      middle[assigned[i]][1] += y / members;
      if (i % step == 0) {
        Color colour = colour(assigned[i]);
        graphics.setColor(new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 150));
        graphics.fill(new Ellipse2D.Double(x - DOT / 2, y - DOT / 2, DOT, DOT));
      }
    }
    for (int c = 0; c < k; c++) {
      label(graphics, Integer.toString(c), middle[c]);
    }
  }

  private static void label(Graphics2D graphics, String text, double[] middle) {
    int scale = SCALE + 1;
    int width = (text.length() * PixelFont.WIDTH - 1) * scale;
    int height = PixelFont.HEIGHT * scale;
    int x = (int) Math.round(middle[0] - width / 2.0);
    int y = (int) Math.round(middle[1] - height / 2.0);
    graphics.setColor(Color.WHITE);
    graphics.fillRoundRect(x - 5, y - 5, width + 10, height + 10, 8, 8);
    graphics.setColor(Color.BLACK);
    PixelFont.draw(graphics, text, x, y, scale);
  }

  /** Hues a golden section apart, so that neighbours in number differ; darker every other turn. */
  private static Color colour(int partition) {
    float hue = (float) (partition * 0.618033988749895 % 1);
    return Color.getHSBColor(hue, 0.85f, partition % 2 == 0 ? 0.85f : 0.6f);
  }
}
