package org.skerry.board.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.PUBLISHER;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;

final class LineageTest {
  private static final Task FIRST = Samples.task();
  private static final Task SECOND = Samples.extended(FIRST);
  private static final Task THIRD = Samples.extended(SECOND);

  private static void refused(String why, Task... versions) {
    assertThatThrownBy(() -> new Lineage(List.of(versions)))
        .isInstanceOfSatisfying(
            BoardException.class, e -> assertThat(e.refusal()).isEqualTo(Refusal.NOT_AN_EXTENSION))
        .hasMessageContaining(why);
  }

  /** SECOND with other units, which somebody signed. */
  private static Task second(List<Unit> units) {
    int partitions = (int) units.stream().filter(u -> u.kind() == UnitKind.EXPERT).count();
    return Samples.sealed(
        PUBLISHER,
        FIRST,
        FIRST.manifest().extended(FIRST.id(), units, Collections.nCopies(partitions, 5L)));
  }

  @Test
  void everyExpertIsAtHomeWhereItsPartitionIsOldest() {
    Lineage lineage = new Lineage(List.of(THIRD, SECOND, FIRST));
    assertThat(List.of(lineage.home(0), lineage.home(1))).containsOnly(FIRST);
    assertThat(lineage.home(2)).isEqualTo(SECOND);
    assertThat(lineage.home(3)).isEqualTo(THIRD);
    assertThat(lineage.home(4)).as("the router's").isEqualTo(THIRD);
    assertThat(lineage.isHome(2)).isFalse();
    assertThat(lineage.isHome(4)).isTrue();
    assertThat(lineage.oldest()).isEqualTo(FIRST);
    assertThat(lineage.fromNewest().get(1)).isEqualTo(new Lineage(List.of(SECOND, FIRST)));
  }

  @Test
  void aTaskWithoutParentIsAtHomeInItself() {
    Lineage lineage = new Lineage(List.of(FIRST));
    assertThat(FIRST.units()).allMatch(unit -> lineage.isHome(unit.index()));
    assertThat(lineage.ancestors()).isEmpty();
  }

  @Test
  void theParentIsSignedWithTheRest() {
    assertThat(Task.decode(SECOND.encoded())).isEqualTo(SECOND);
    assertThat(SECOND.manifest().parent()).contains(FIRST.id());
    assertThat(FIRST.manifest().parent()).isEmpty();
  }

  @Test
  void refusesWhatDoesNotExtendItsParent() {
    refused("names another parent", THIRD, FIRST);
    refused("comes without its own parent", SECOND);
    refused("names another parent", FIRST, SECOND);
    Task foreign = Samples.sealed(Samples.key(66), FIRST, SECOND.manifest());
    refused("has another publisher", foreign, FIRST);
    refused("adds no partition", second(FIRST.units()), FIRST);
    refused("adds no partition", second(List.of(Samples.expert(0), Samples.expert(1))), FIRST);
  }

  @Test
  void refusesAnExtensionThatChangesAnOldPartition() {
    List<Unit> units = new ArrayList<>(SECOND.units());
    Unit old = units.get(0);
    units.set(
        0,
        new Unit(
            0,
            old.kind(),
            0,
            old.samples(),
            Samples.blob("other data"),
            old.validationBlob(),
            old.secretHash(),
            old.contactSheetBlob(),
            old.title()));
    refused("changes partition 0", second(units), FIRST);
  }

  @Test
  void refusesMoreVersionsThanAReaderFollows() {
    assertThatThrownBy(() -> new Lineage(Collections.nCopies(Lineage.MAX_VERSIONS + 1, FIRST)))
        .isInstanceOf(BoardException.class)
        .hasMessageContaining("versions of a task");
  }
}
