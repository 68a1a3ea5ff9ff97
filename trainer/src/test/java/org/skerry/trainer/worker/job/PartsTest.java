package org.skerry.trainer.worker.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.training.Recompute;

class PartsTest {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("parts");
  }

  @Test
  void beginsWithWhatIsAsked() throws IOException {
    assertThat(Parts.open(file, 48, Recompute.OFF, true).images()).isEqualTo(48);
  }

  @Test
  void outOfMemoryHalvesForTheNextProcess() throws IOException {
    Parts.open(file, 5, Recompute.OFF, false).lessen();
    Parts next = Parts.open(file, 5, Recompute.OFF, true);
    // The crash is the very one that was noted: halved twice, it would leave 2.
    assertThat(next.images()).isEqualTo(3);
    assertThat(next.isLessByCrash()).isFalse();
  }

  @Test
  void aCrashBeforeTheFirstStepHalves() throws IOException {
    Parts.open(file, 8, Recompute.OFF, false);
    Parts second = Parts.open(file, 8, Recompute.OFF, true);
    assertThat(second.images()).isEqualTo(4);
    assertThat(second.isLessByCrash()).isTrue();
    assertThat(Parts.open(file, 8, Recompute.OFF, true).images()).isEqualTo(2);
  }

  @Test
  void aProcessThatWasKilledChangesNothing() throws IOException {
    Parts.open(file, 8, Recompute.OFF, false);
    assertThat(Parts.open(file, 8, Recompute.OFF, false).images()).isEqualTo(8);
  }

  @Test
  void aCrashAfterAStepIsNoMatterOfMemory() throws IOException {
    Parts first = Parts.open(file, 8, Recompute.OFF, false);
    first.lessen();
    first.prove();
    Parts second = Parts.open(file, 8, Recompute.OFF, true);
    assertThat(second.images()).isEqualTo(4);
    assertThat(second.isLessByCrash()).isFalse();
  }

  @Test
  void oneImageIsNotHalved() throws IOException {
    Parts.open(file, 1, Recompute.OFF, false);
    assertThat(Parts.open(file, 1, Recompute.OFF, true).images()).isEqualTo(1);
    assertThat(Parts.open(file, 1, Recompute.OFF, true).isLessByCrash()).isFalse();
  }

  @Test
  void aSingleImageHasItsBlocksComputedAgainWhereThatIsAllowed() throws IOException {
    Parts first = Parts.open(file, 1, Recompute.AUTO, false);
    assertThat(first.recomputes()).isFalse();
    assertThat(first.isLess()).isTrue();
    first.lessen();
    Parts second = Parts.open(file, 1, Recompute.AUTO, true);
    assertThat(second.recomputes()).isTrue();
    assertThat(second.isLess()).isFalse();
    assertThat(Parts.open(file, 1, Recompute.OFF, false).recomputes()).isFalse();
    assertThat(Parts.open(file, 1, Recompute.OFF, false).isLess()).isFalse();
    assertThat(Parts.open(file, 2, Recompute.ON, false).recomputes()).isTrue();
  }

  @Test
  void anotherNumberAskedOrADamagedNoteStartsAfresh() throws IOException {
    Parts.open(file, 8, Recompute.OFF, false).lessen();
    assertThat(Parts.open(file, 16, Recompute.OFF, false).images()).isEqualTo(16);
    Files.writeString(file, "99999999999 of 16, keep, proven\n");
    assertThat(Parts.open(file, 16, Recompute.OFF, false).images()).isEqualTo(16);
  }
}
