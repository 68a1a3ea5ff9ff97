package org.skerry.trainer.dataset;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.SplittableRandom;

/**
 * The subjects of the built-in dataset. They differ in background, layout and colour, so that they
 * are told apart even at 16 × 16 pixels. Every picture is drawn in the unit square, y down.
 */
public enum PictureFamily {
  FACE("a smiling face") {
    @Override
    void draw(Graphics2D g, SplittableRandom random) {
      background(g, hue(random, 0.55, 0.03, 0.18, 1.0));
      double x = 0.5 + jitter(random, 0.05);
      double y = 0.54 + jitter(random, 0.04);
      double r = 0.33 + jitter(random, 0.03);
      Color skin = pick(random, 0xF6CFA6, 0xD9A066, 0x8D5A32, 0xFFD93B);
      Color hair = pick(random, 0x2B1A0E, 0x7A4419, 0xB03A12, 0x111111);
      fill(g, hair, circle(x, y - 0.09, r * 1.12));
      fill(g, skin, circle(x, y, r));
      for (int side = -1; side <= 1; side += 2) {
        fill(g, Color.WHITE, circle(x + side * r * 0.42, y - r * 0.15, r * 0.22));
        fill(g, Color.BLACK, circle(x + side * r * 0.42, y - r * 0.12, r * 0.13));
      }
      stroke(g, new Color(0xA01828), r * 0.18);
      g.draw(new Arc2D.Double(x - r * 0.5, y - r * 0.3, r, r * 0.95, 200, 140, Arc2D.OPEN));
    }
  },
  BOAT("a sailing boat on water") {
    @Override
    void draw(Graphics2D g, SplittableRandom random) {
      background(g, hue(random, 0.55, 0.02, 0.25, 1.0));
      double horizon = 0.68 + jitter(random, 0.04);
      fill(g, hue(random, 0.60, 0.02, 0.85, 0.75), new Rectangle2D.Double(0, horizon, 1, 1));
      double x = 0.5 + jitter(random, 0.1);
      double tip = 0.1 + jitter(random, 0.05);
      fill(
          g,
          pick(random, 0xFFFFFF, 0xFFF3C9),
          polygon(x - 0.03, tip, x - 0.03, 0.6, x - 0.33, 0.6));
      fill(
          g,
          pick(random, 0xD62828, 0xF77F00),
          polygon(x + 0.03, tip + 0.1, x + 0.03, 0.6, x + 0.27, 0.6));
      double deck = horizon - 0.04;
      fill(
          g,
          new Color(0x6B3A1A),
          polygon(x - 0.36, deck, x + 0.36, deck, x + 0.24, deck + 0.17, x - 0.24, deck + 0.17));
    }
  },
  NIGHT_HOUSE("a house at night") {
    @Override
    void draw(Graphics2D g, SplittableRandom random) {
      background(g, hue(random, 0.65, 0.02, 0.8, 0.22));
      fill(
          g,
          new Color(0xFFF6C8),
          circle(0.82 + jitter(random, 0.05), 0.17 + jitter(random, 0.04), 0.1));
      fill(g, new Color(0x0C2A14), new Rectangle2D.Double(0, 0.86, 1, 0.2));
      double x = 0.45 + jitter(random, 0.08);
      double top = 0.5 + jitter(random, 0.04);
      fill(
          g,
          pick(random, 0x6E2C3B, 0x5A4632, 0x4A3B66),
          new Rectangle2D.Double(x - 0.3, top, 0.6, 0.9 - top));
      fill(g, new Color(0x2A1416), polygon(x - 0.4, top, x + 0.4, top, x, top - 0.28));
      Color light = new Color(0xFFD23F);
      fill(g, light, new Rectangle2D.Double(x - 0.22, top + 0.08, 0.16, 0.15));
      fill(g, light, new Rectangle2D.Double(x + 0.06, top + 0.08, 0.16, 0.15));
    }
  },
  FLOWER("a flower in a meadow") {
    @Override
    void draw(Graphics2D g, SplittableRandom random) {
      background(g, hue(random, 0.30, 0.03, 0.45, 0.85));
      double x = 0.5 + jitter(random, 0.06);
      double y = 0.4 + jitter(random, 0.04);
      stroke(g, new Color(0x1B6E2C), 0.07);
      g.draw(new Line2D.Double(x, y, x + jitter(random, 0.08), 1.05));
      Color petal = pick(random, 0xF72585, 0x8E2DE2, 0xE63946, 0xFFFFFF);
      int petals = 6;
      for (int i = 0; i < petals; i++) {
        double angle = 2 * Math.PI * i / petals;
        fill(g, petal, circle(x + 0.21 * Math.cos(angle), y + 0.21 * Math.sin(angle), 0.125));
      }
      fill(g, new Color(0xFFC300), circle(x, y, 0.13));
    }
  },
  FISH("a fish under water") {
    @Override
    void draw(Graphics2D g, SplittableRandom random) {
      background(g, hue(random, 0.49, 0.02, 0.75, 0.78));
      double x = 0.45 + jitter(random, 0.06);
      double y = 0.5 + jitter(random, 0.1);
      Color body = pick(random, 0xFF7B00, 0xFFC300, 0xFF4D4D);
      fill(g, body, polygon(x + 0.2, y, x + 0.46, y - 0.2, x + 0.46, y + 0.2));
      fill(g, body, new Ellipse2D.Double(x - 0.34, y - 0.21, 0.66, 0.42));
      fill(g, Color.WHITE, new Rectangle2D.Double(x - 0.04, y - 0.2, 0.09, 0.4));
      fill(g, Color.WHITE, circle(x - 0.2, y - 0.05, 0.075));
      fill(g, Color.BLACK, circle(x - 0.21, y - 0.05, 0.04));
      fill(g, new Color(0xD8F3FF), circle(0.1 + jitter(random, 0.04), y - 0.28, 0.05));
    }
  },
  ROCKET("a rocket in space") {
    @Override
    void draw(Graphics2D g, SplittableRandom random) {
      background(g, hue(random, 0.75, 0.02, 0.75, 0.16));
      for (int i = 0; i < 5; i++) {
        fill(g, Color.WHITE, circle(random.nextDouble(), random.nextDouble(), 0.03));
      }
      double x = 0.5 + jitter(random, 0.08);
      double y = 0.45 + jitter(random, 0.06);
      Color fins = pick(random, 0xE63946, 0x2A9DF4, 0x2DC653);
      fill(g, new Color(0xFF9F1C), polygon(x - 0.1, y + 0.26, x + 0.1, y + 0.26, x, y + 0.5));
      fill(g, fins, polygon(x - 0.26, y + 0.3, x, y, x + 0.26, y + 0.3));
      fill(g, new Color(0xF1F1F1), new Ellipse2D.Double(x - 0.14, y - 0.4, 0.28, 0.72));
      fill(g, fins, polygon(x - 0.11, y - 0.22, x + 0.11, y - 0.22, x, y - 0.42));
      fill(g, new Color(0x14213D), circle(x, y - 0.06, 0.075));
    }
  },
  CAR("a car on a road") {
    @Override
    void draw(Graphics2D g, SplittableRandom random) {
      background(g, hue(random, 0.13, 0.02, 0.25, 1.0));
      fill(g, new Color(0x6C757D), new Rectangle2D.Double(0, 0.72, 1, 0.3));
      double x = 0.5 + jitter(random, 0.07);
      double y = 0.6 + jitter(random, 0.03);
      Color paint = pick(random, 0xD00000, 0x1D4ED8, 0x15803D);
      fill(g, paint, polygon(x - 0.2, y - 0.26, x + 0.14, y - 0.26, x + 0.26, y, x - 0.28, y));
      fill(
          g,
          new Color(0xCFEFFF),
          polygon(x - 0.15, y - 0.2, x + 0.1, y - 0.2, x + 0.18, y - 0.02, x - 0.2, y - 0.02));
      fill(g, paint, new Rectangle2D.Double(x - 0.42, y - 0.03, 0.84, 0.2));
      for (int side = -1; side <= 1; side += 2) {
        fill(g, Color.BLACK, circle(x + side * 0.24, y + 0.19, 0.115));
        fill(g, Color.LIGHT_GRAY, circle(x + side * 0.24, y + 0.19, 0.045));
      }
    }
  },
  FIR("a fir tree in the snow") {
    @Override
    void draw(Graphics2D g, SplittableRandom random) {
      background(g, hue(random, 0.58, 0.02, 0.12, 0.86));
      fill(g, Color.WHITE, new Rectangle2D.Double(0, 0.78 + jitter(random, 0.04), 1, 0.3));
      double x = 0.5 + jitter(random, 0.09);
      double top = 0.08 + jitter(random, 0.05);
      fill(g, new Color(0x5C3A1E), new Rectangle2D.Double(x - 0.06, 0.75, 0.12, 0.15));
      Color green = pick(random, 0x14532D, 0x1B6B3A, 0x0B4F4A);
      for (int tier = 0; tier < 3; tier++) {
        double width = 0.18 + 0.09 * tier;
        double y = top + 0.2 * tier;
        fill(g, green, polygon(x - width, y + 0.3, x + width, y + 0.3, x, y));
      }
    }
  };

  private final String caption;

  PictureFamily(String caption) {
    this.caption = caption;
  }

  /** What a picture of this family shows, in words. */
  public String caption() {
    return caption;
  }

  /** Draws one picture; what varies comes from {@code random} alone. */
  abstract void draw(Graphics2D g, SplittableRandom random);

  private static double jitter(SplittableRandom random, double amount) {
    return (random.nextDouble() * 2 - 1) * amount;
  }

  private static Color pick(SplittableRandom random, int... colours) {
    return new Color(colours[random.nextInt(colours.length)]);
  }

  private static Color hue(
      SplittableRandom random, double hue, double spread, double saturation, double brightness) {
    return Color.getHSBColor(
        (float) (hue + jitter(random, spread)), (float) saturation, (float) brightness);
  }

  private static void background(Graphics2D g, Color colour) {
    fill(g, colour, new Rectangle2D.Double(-1, -1, 3, 3));
  }

  private static void fill(Graphics2D g, Color colour, java.awt.Shape shape) {
    g.setColor(colour);
    g.fill(shape);
  }

  private static void stroke(Graphics2D g, Color colour, double width) {
    g.setColor(colour);
    g.setStroke(new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
  }

  private static Ellipse2D circle(double x, double y, double radius) {
    return new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius);
  }

  private static Path2D polygon(double... xy) {
    Path2D path = new Path2D.Double();
    path.moveTo(xy[0], xy[1]);
    for (int i = 2; i < xy.length; i += 2) {
      path.lineTo(xy[i], xy[i + 1]);
    }
    path.closePath();
    return path;
  }
}
