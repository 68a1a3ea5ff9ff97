package org.skerry.node.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.log.Logging;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = "Print the end of the daemon's log, also when it does not run.",
    footer = {
      "",
      "Examples:",
      "  skerry node logs --follow",
      "  skerry node logs --worker --lines 20"
    })
final class NodeLogsCommand implements CliAction {
  private static final long LOOK_MS = 300;

  /** More than any of our lines: what lies before is not read. */
  private static final int BYTES_A_LINE = 1_000;

  private final Session session;

  @Option(
      names = {"-n", "--lines"},
      paramLabel = "N",
      defaultValue = "50",
      description = "how many lines (default: ${DEFAULT-VALUE})")
  int lines;

  @Option(
      names = {"-f", "--follow"},
      description = "go on with what is written from now on, until Ctrl-C")
  boolean follow;

  @Option(names = "--worker", description = "the log of the worker that trains")
  boolean worker;

  NodeLogsCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException, IOException, InterruptedException {
    Logging.silence();
    if (lines < 1 || lines > 100_000) {
      throw new NodeException(
          Reason.USAGE, "--lines " + lines + " is not 1 to 100000", "choose another number");
    }
    Path log = session.home().logs().resolve(worker ? "worker.log" : "daemon.log");
    if (!Files.exists(log)) {
      throw new NodeException(
          Reason.NOT_FOUND,
          "there is no " + log + " yet",
          "start the daemon with `skerry node start`, or name its home with --home");
    }
    long at = Files.size(log);
    List<String> last =
        text(log, Math.max(0, at - (long) lines * BYTES_A_LINE), at).lines().toList();
    last.subList(Math.max(0, last.size() - lines), last.size()).forEach(session.terminal()::print);
    while (follow) {
      Thread.sleep(LOOK_MS);
      long size = Files.exists(log) ? Files.size(log) : 0;
      at = size < at ? 0 : at; // a new file was begun
      if (size > at) {
        String news = text(log, at, size);
        int whole = news.lastIndexOf('\n') + 1;
        news.substring(0, whole).lines().forEach(session.terminal()::print);
        at += news.substring(0, whole).getBytes(StandardCharsets.UTF_8).length;
      }
    }
  }

  private static String text(Path log, long from, long to) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      file.seek(from);
      byte[] bytes = new byte[Math.toIntExact(to - from)];
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
