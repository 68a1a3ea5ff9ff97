package org.skerry.trainer.worker.job;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.training.Recompute;

/**
 * Of how many images a run computes the gradient at once, and whether it keeps their blocks until
 * then, noted beside its checkpoints: a process that ran out of memory is followed by one that
 * takes less, half as many images, or in the end a single one whose blocks are computed again. A
 * crash before the first step counts as that too, for when libtorch takes the last memory it is
 * often the virtual machine that fails.
 *
 * <pre>
 *   state    event                         next state
 *   (none)   opened                        trying what is asked for
 *   next     opened                        trying the same
 *   trying   opened after a crash          trying less, if there is less
 *   trying   a step was made               proven
 *   any      out of memory                 next: less, if there is less
 *   any      opened, something else asked  trying what is asked for
 * </pre>
 */
final class Parts {
  private static final Pattern NOTE =
      Pattern.compile("(\\d{1,9}) of (\\d{1,9}), (keep|recompute), (next|trying|proven)\n");

  private enum State {
    NEXT,
    TRYING,
    PROVEN
  }

  private final Path file;
  private final int asked;
  private final Recompute wish;
  private int images;
  private boolean recomputes;
  private State state = State.TRYING;
  private boolean lessened;

  private Parts(Path file, int asked, Recompute wish) {
    this.file = file;
    this.asked = asked;
    this.wish = wish;
    this.images = asked;
    this.recomputes = wish == Recompute.ON;
  }

  /**
   * Goes on from what is kept in {@code file}.
   *
   * @param asked images at once, by the run's configuration
   * @param wish whether blocks are computed again
   * @param crashed whether the process before this one ended by itself
   */
  static Parts open(Path file, int asked, Recompute wish, boolean crashed) throws IOException {
    Parts parts = new Parts(file, asked, wish);
    boolean found = parts.read();
    if (found && crashed && parts.state == State.TRYING && parts.isLess()) {
      parts.take();
      parts.lessened = true;
    }
    if (parts.state != State.PROVEN) {
      parts.become(State.TRYING);
    }
    return parts;
  }

  /** Images whose gradient is computed at once. */
  int images() {
    return images;
  }

  /** Whether blocks are computed again for their gradient. */
  boolean recomputes() {
    return recomputes;
  }

  /** Whether this is less than before because the process before this one crashed. */
  boolean isLessByCrash() {
    return lessened;
  }

  /** A step was made. */
  void prove() throws IOException {
    if (state != State.PROVEN) {
      become(State.PROVEN);
    }
  }

  /** Whether there is less to try. */
  boolean isLess() {
    return images > 1 || (wish == Recompute.AUTO && !recomputes);
  }

  /** Memory ended: the next process takes less. */
  void lessen() throws IOException {
    take();
    become(State.NEXT);
  }

  private void take() {
    if (images > 1) {
      images = (images + 1) / 2;
    } else {
      recomputes = true;
    }
  }

  private boolean read() throws IOException {
    if (!Files.exists(file)) {
      return false;
    }
    Matcher note = NOTE.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    if (!note.matches() || Integer.parseInt(note.group(2)) != asked) {
      return false;
    }
    boolean again = note.group(3).equals("recompute");
    if (again != recomputes && wish != Recompute.AUTO) {
      return false;
    }
    images = Math.clamp(Integer.parseInt(note.group(1)), 1, asked);
    recomputes = again;
    state = State.valueOf(note.group(4).toUpperCase(Locale.ROOT));
    return true;
  }

  private void become(State now) throws IOException {
    state = now;
    String note =
        "%d of %d, %s, %s\n"
            .formatted(
                images,
                asked,
                recomputes ? "recompute" : "keep",
                state.name().toLowerCase(Locale.ROOT));
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    DurableFiles.write(fresh, note.getBytes(StandardCharsets.ISO_8859_1));
    DurableFiles.move(fresh, file);
  }
}
