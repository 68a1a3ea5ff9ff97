package org.skerry.node.presence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Whether a desktop runs on this system. Its windows read no console, so that one whose session
 * nobody knows, such as of {@code startx}, is in use unseen.
 */
final class Desktops {
  private static final Pattern SOCKET = Pattern.compile("/\\.X11-unix/X\\d|/wayland-\\d");

  private final Path sockets;

  /**
   * @param sockets the system's list of local sockets, {@code /proc/net/unix}
   */
  Desktops(Path sockets) {
    this.sockets = sockets;
  }

  boolean anyRuns() throws IOException {
    try (Stream<String> lines = Files.lines(sockets, StandardCharsets.ISO_8859_1)) {
      return lines.anyMatch(line -> SOCKET.matcher(line).find());
    }
  }
}
