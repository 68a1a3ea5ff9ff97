package org.skerry.node.cli;

import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a command says: results on standard output, sentences and progress on standard error, so
 * that a pipe sees results only. Used by one thread; progress bars have their own.
 */
public final class Terminal {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean interactive;
  private final boolean colour;

  public Terminal(PrintWriter out, PrintWriter err, boolean interactive, Map<String, String> env) {
    this.out = out;
    this.err = err;
    this.interactive = interactive && !"dumb".equals(env.get("TERM"));
    // https://no-color.org: any non-empty value counts
    this.colour = this.interactive && env.getOrDefault("NO_COLOR", "").isEmpty();
  }

  /** The process's own terminal. */
  public static Terminal ofProcess() {
    return new Terminal(
        new PrintWriter(System.out, true),
        new PrintWriter(System.err, true),
        System.console() != null && System.console().isTerminal(),
        System.getenv());
  }

  /** A line of the result. */
  public void print(String line) {
    out.println(line);
    out.flush();
  }

  /** The result as JSON. */
  public void json(Object value) {
    print(JSON.writeValueAsString(value));
  }

  /** One of many results as JSON, on a line of its own. */
  public void jsonLine(Object value) {
    print(JSON.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
  }

  /** A sentence for the person in front of the terminal. */
  public void say(String sentence) {
    err.println(sentence);
    err.flush();
  }

  /** A line that says something is not as it should be, though the command goes on. */
  public void warn(String sentence) {
    say(paint(Colour.YELLOW, "warning: ") + sentence);
  }

  void error(String line) {
    say(paint(Colour.RED, "error: ") + line.replaceAll("\\s*\\R\\s*", " "));
  }

  public PrintWriter out() {
    return out;
  }

  PrintWriter err() {
    return err;
  }

  boolean colour() {
    return colour;
  }

  /** Whether somebody watches: only then lines may be redrawn. */
  public boolean interactive() {
    return interactive;
  }

  /** A few colours that stay readable on light and dark backgrounds. */
  public enum Colour {
    RED(31),
    GREEN(32),
    YELLOW(33),
    BLUE(34),
    MAGENTA(35),
    CYAN(36),
    DIM(2);

    private final int code;

    Colour(int code) {
      this.code = code;
    }
  }

  public String paint(Colour with, String text) {
    return colour ? "\u001b[" + with.code + "m" + text + "\u001b[0m" : text;
  }

  /** Draws {@code line} over the current one, when somebody watches. */
  public void redraw(String line) {
    if (interactive) {
      err.print("\r\u001b[K" + line);
      err.flush();
    }
  }

  void clearLine() {
    redraw("");
  }

  /** A progress bar with rate and remaining time; none when nobody watches. */
  public Optional<ProgressBar> progress(String task, long total, String unit, long unitSize) {
    if (!interactive) {
      return Optional.empty();
    }
    return Optional.of(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(total)
            .setUnit(unit, unitSize)
            .setStyle(colour ? ProgressBarStyle.COLORFUL_UNICODE_BLOCK : ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .showSpeed()
            .build());
  }
}
