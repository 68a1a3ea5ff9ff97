package org.skerry.board.document;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.libp2p.multiformats.Cid;

/**
 * A task and those that it extends, one after the other; see docs/PROTOCOL.md, section 4.6. Each
 * keeps the partitions of the one before, whose experts stay at home there: their boards and their
 * charter are the older task's.
 *
 * @param versions from the newest, which it is about, to the oldest
 */
public record Lineage(List<Task> versions) {
  public static final int MAX_VERSIONS = 16;

  /**
   * @throws BoardException {@link Refusal#NOT_AN_EXTENSION} when a version is not what extends the
   *     next
   */
  public Lineage {
    versions = List.copyOf(versions);
    Bounds.size("versions of a task", versions, 1, MAX_VERSIONS);
    for (int i = 0; i + 1 < versions.size(); i++) {
      requireExtends(versions.get(i), versions.get(i + 1));
    }
    requireNoParent(versions.getLast());
  }

  private static void requireExtends(Task newer, Task older) {
    TaskManifest next = newer.manifest();
    TaskManifest last = older.manifest();
    require(next.parent().equals(Optional.of(older.id())), newer, "names another parent");
    require(newer.publisher().equals(older.publisher()), newer, "has another publisher");
    require(
        next.path() == last.path()
            && next.latentCodec().equals(last.latentCodec())
            && next.textEncoder().equals(last.textEncoder())
            && next.classNames().equals(last.classNames()),
        newer,
        "has another path, codec, text encoder or classes");
    require(next.partitions() > last.partitions(), newer, "adds no partition");
    for (int partition = 0; partition < last.partitions(); partition++) {
      Unit unit = last.expertUnit(partition);
      require(
          next.expertUnit(partition).equals(unit) && next.modelOf(unit).equals(last.modelOf(unit)),
          newer,
          "changes partition " + partition);
    }
  }

  private static void requireNoParent(Task oldest) {
    require(oldest.manifest().parent().isEmpty(), oldest, "comes without its own parent");
  }

  private static void require(boolean holds, Task task, String otherwise) {
    if (!holds) {
      throw new BoardException(
          Refusal.NOT_AN_EXTENSION,
          "task " + task.id() + " does not extend what it says: it " + otherwise);
    }
  }

  /** The ids of the tasks that others among {@code tasks} say they extend. */
  public static Set<Cid> parents(Collection<Task> tasks) {
    return tasks.stream()
        .flatMap(task -> task.manifest().parent().stream())
        .collect(Collectors.toUnmodifiableSet());
  }

  public Task task() {
    return versions.getFirst();
  }

  public Task oldest() {
    return versions.getLast();
  }

  /** The tasks that this one extends, the newest of them first. */
  public List<Task> ancestors() {
    return versions.subList(1, versions.size());
  }

  /** The lineages of its versions, from this one on. */
  public List<Lineage> fromNewest() {
    return IntStream.range(0, versions.size())
        .mapToObj(i -> new Lineage(versions.subList(i, versions.size())))
        .toList();
  }

  /** The task on whose board a unit's documents stand. */
  public Task home(int index) {
    Unit unit = task().unit(index);
    Task home = task();
    for (Task older : ancestors()) {
      if (unit.kind() != UnitKind.EXPERT || unit.partition() >= older.manifest().partitions()) {
        return home;
      }
      home = older;
    }
    return home;
  }

  /** Whether a unit's documents stand on the newest version's own board. */
  public boolean isHome(int index) {
    return home(index).id().equals(task().id());
  }
}
