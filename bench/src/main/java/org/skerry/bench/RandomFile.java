package org.skerry.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Files that no file system or compressor can make smaller, and that no two seeds share. */
final class RandomFile {
  private static final int PIECE_BYTES = 1 << 20;

  private RandomFile() {}

  static void write(Path file, long bytes, long seed) throws IOException {
    Random random = new Random(seed);
    byte[] piece = new byte[PIECE_BYTES];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = bytes; left > 0; left -= Math.min(left, piece.length)) {
        random.nextBytes(piece);
        out.write(piece, 0, (int) Math.min(left, piece.length));
      }
    }
  }
}
