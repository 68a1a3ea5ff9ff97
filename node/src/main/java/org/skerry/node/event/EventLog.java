package org.skerry.node.event;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Appends events to a file of JSON lines. Thread-safe: one lock, one write per line. */
public final class EventLog implements EventSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);

  private final Object lock = new Object();

  @GuardedBy("lock")
  private final FileChannel out;

  private final InstantSource clock;
  private final String node;
  private final String peer;

  private EventLog(FileChannel out, InstantSource clock, String node, String peer) {
    this.out = out;
    this.clock = clock;
    this.node = node;
    this.peer = peer;
  }

  public static EventLog open(Path file, InstantSource clock, String node, String peer)
      throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    FileChannel out =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    return new EventLog(out, clock, node, peer);
  }

  @Override
  public void record(Event event) {
    String line = EventJson.write(new LoggedEvent(clock.millis(), node, peer, event)) + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
    synchronized (lock) {
      try {
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
      } catch (IOException e) {
        // The work goes on without its diary: a full disk must not stop training twice.
        LOG.warn("event not logged: {}", line.strip(), e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (lock) {
      out.close();
    }
  }
}
