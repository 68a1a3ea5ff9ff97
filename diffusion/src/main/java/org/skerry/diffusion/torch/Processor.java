package org.skerry.diffusion.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What this machine's processor can do. */
final class Processor {
  /** Whether it multiplies bfloat16 matrices with instructions made for that. */
  static final boolean HAS_BFLOAT16 = hasBfloat16(flags(Path.of("/proc/cpuinfo")));

  private Processor() {}

  static boolean hasBfloat16(List<String> flags) {
    return flags.contains("amx_bf16") || flags.contains("avx512_bf16");
  }

  /** The instruction sets that Linux lists; none where it does not say. */
  static List<String> flags(Path cpuInfo) {
    try (var lines = Files.lines(cpuInfo)) {
      return lines
          .filter(line -> line.startsWith("flags"))
          .findFirst()
          .map(line -> List.of(line.substring(line.indexOf(':') + 1).strip().split(" +")))
          .orElse(List.of());
    } catch (IOException | java.io.UncheckedIOException e) {
      return List.of();
    }
  }
}
