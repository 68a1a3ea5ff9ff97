package org.skerry.node.event;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Follows an event log that another process writes. Used by one thread. */
public final class EventTail {
  private static final int READ_BYTES = 1 << 16;

  private final Path file;
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
  private long position;

  public EventTail(Path file) {
    this.file = file;
  }

  /** The events whose lines were completed since the last call; none while there is no file. */
  public List<LoggedEvent> poll() throws IOException {
    List<LoggedEvent> events = new ArrayList<>();
    if (!Files.exists(file)) {
      return events;
    }
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      in.position(position);
      ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
      while (in.read(buffer.clear()) > 0) {
        buffer.flip();
        position += buffer.remaining();
        while (buffer.hasRemaining()) {
          byte next = buffer.get();
          if (next == '\n') {
            EventJson.read(partial.toString(StandardCharsets.UTF_8)).ifPresent(events::add);
            partial.reset();
          } else {
            partial.write(next);
          }
        }
      }
    }
    return events;
  }
}
