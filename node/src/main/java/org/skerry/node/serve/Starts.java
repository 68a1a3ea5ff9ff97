package org.skerry.node.serve;

import org.skerry.node.generate.StartImage;

/** Pictures to begin with. */
final class Starts {
  private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};
  private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};

  private Starts() {}

  static StartImage start(
      Fields fields, String imageField, byte[] image, String strengthField, double strength)
      throws CallException {
    if (!beginsWith(image, PNG) && !beginsWith(image, JPEG)) {
      throw fields.wrong(imageField, "is neither PNG nor JPEG", "encode the image as one of both");
    }
    if (strength <= 0) {
      throw fields.wrong(strengthField, "is " + strength, "send a number above 0, at most 1");
    }
    return new StartImage(image, strength);
  }

  private static boolean beginsWith(byte[] bytes, byte[] magic) {
    return bytes.length > magic.length
        && java.util.Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }
}
