package org.skerry.dht;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.dht.wire.KadMessage;

/** An operation of several steps, each made from what those before it found. */
abstract class Steps implements Operation {
  private Operation step;
  private boolean over;
  private boolean hurried;
  private final List<Operation> background = new ArrayList<>();

  Steps(Operation first) {
    step = first;
  }

  /** What follows {@code done}; null when nothing does. */
  abstract @Nullable Operation after(Operation done, long nowMs);

  @Override
  public final List<Ask> next(long nowMs) {
    while (!over) {
      List<Ask> asks = step.next(nowMs);
      if (!step.isDone()) {
        return asks;
      }
      background.addAll(step.finish(nowMs));
      Operation following = after(step, nowMs);
      if (following == null) {
        over = true;
      } else {
        step = following;
      }
    }
    return List.of();
  }

  @Override
  public final void answered(Ask ask, KadMessage reply, long nowMs) {
    step.answered(ask, reply, nowMs);
  }

  @Override
  public final void failed(Ask ask, long nowMs) {
    step.failed(ask, nowMs);
  }

  @Override
  public final void timeUp() {
    hurried = true;
    step.timeUp();
  }

  @Override
  public final boolean isDone() {
    return over;
  }

  @Override
  public final List<Operation> finish(long nowMs) {
    return List.copyOf(background);
  }

  /** Whether the time of a step was over before it was done. */
  final boolean isHurried() {
    return hurried;
  }

  /** Has {@code operation} done once this is. */
  final void inBackground(Operation operation) {
    background.add(operation);
  }
}
