package org.skerry.diffusion;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What a text encoder made of texts, for a network that looks at them.
 *
 * @param states {@code [texts, tokens, width]} float32; one text stands for a whole batch
 * @param mask {@code [texts, 1, 1, tokens]} float32, added to what attention compares: 0 for tokens
 *     that are seen, {@link #UNSEEN} for those that only fill a shorter text up; null when all are
 *     seen
 */
public record Texts(NDArray states, @Nullable NDArray mask) {
  /** Stands in a mask for a token that nobody looks at. */
  public static final float UNSEEN = -Float.MAX_VALUE;

  public Texts {
    Shape shape = states.getShape();
    if (shape.dimension() != 3 || shape.get(1) < 1 || states.getDataType() != DataType.FLOAT32) {
      throw new IllegalArgumentException(
          "texts must be [texts, tokens, width] float32, not " + shape);
    }
    Shape places = new Shape(shape.get(0), 1, 1, shape.get(1));
    if (mask != null && !mask.getShape().equals(places)) {
      throw new IllegalArgumentException("mask " + mask.getShape() + " is not " + places);
    }
  }

  /** Texts all of whose tokens are seen. */
  public static Texts of(NDArray states) {
    return new Texts(states, null);
  }

  long count() {
    return states.getShape().get(0);
  }

  /** Texts {@code from} to {@code to}, exclusive, as views in {@code manager}. */
  Texts slice(NDManager manager, long from, long to) {
    return new Texts(
        rows(states, manager, from, to), mask == null ? null : rows(mask, manager, from, to));
  }

  private static NDArray rows(NDArray array, NDManager manager, long from, long to) {
    NDArray view = array.get(new NDIndex("{}:{}", from, to));
    view.attach(manager);
    return view;
  }
}
