package org.skerry.node.task;

import java.util.Objects;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.trainer.dataset.Dataset;
import org.skerry.trainer.dataset.ImageInfo;

/**
 * The classes of a dataset, each of whose images has one.
 *
 * @param count one more than the largest number
 * @param names where the source has them
 */
public record Classes(int count, Optional<ClassNames> names) {
  /** More than any published model knows, and what a task can say. */
  private static final int MAX = 65_536;

  /** The classes of {@code dataset}, which must have some. */
  public static Classes of(Dataset dataset) throws NodeException {
    long without =
        dataset.images().infos().stream().map(ImageInfo::classId).filter(Objects::isNull).count();
    if (without > 0) {
      throw new NodeException(
          Reason.USAGE,
          without + " of " + dataset.images().count() + " images have no class",
          "put every image into a sub-folder, give each a .cls, or leave out --class-conditional");
    }
    int count =
        1
            + dataset.images().infos().stream()
                .map(ImageInfo::classId)
                .filter(Objects::nonNull)
                .mapToInt(Integer::intValue)
                .max()
                .orElse(-1);
    if (count > MAX) {
      throw new NodeException(
          Reason.USAGE, "class " + (count - 1) + " is beyond " + (MAX - 1), "number them from 0");
    }
    try {
      return new Classes(
          count,
          dataset.classNames().size() == count
              ? Optional.of(new ClassNames(dataset.classNames()))
              : Optional.empty());
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          Reason.USAGE, String.valueOf(e.getMessage()), "rename the folder or the class", e);
    }
  }
}
