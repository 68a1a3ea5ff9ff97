package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.torch.Kernels;

/** Adds class labels to a time embedding. */
final class Conditioning {
  private Conditioning() {}

  /** {@code c} plus the labels' rows of {@code table}; the row after the last means "no label". */
  static NDArray add(NDArray c, int labels, @Nullable NDArray given, Parameters p, String table) {
    if (labels == 0) {
      if (given != null) {
        throw new IllegalArgumentException("this network takes no labels, and got some");
      }
      return c;
    }
    NDArray rows =
        given == null
            ? c.getManager().full(c.getShape().slice(0, 1), labels, DataType.INT64)
            : given;
    return Kernels.addLabel(c, rows, p.layer(table));
  }
}
