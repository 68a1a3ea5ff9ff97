package org.skerry.dht;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.dht.wire.KadMessage;

/** Several operations at the same time. */
final class Together implements Operation {
  private final List<? extends Operation> parts;
  private final Map<Ask, Operation> owners = new IdentityHashMap<>();

  Together(List<? extends Operation> parts) {
    this.parts = parts;
  }

  @Override
  public List<Ask> next(long nowMs) {
    List<Ask> asks = new ArrayList<>();
    for (Operation part : parts) {
      List<Ask> own = part.next(nowMs);
      own.forEach(ask -> owners.put(ask, part));
      asks.addAll(own);
    }
    return asks;
  }

  @Override
  public void answered(Ask ask, KadMessage reply, long nowMs) {
    Operation owner = owners.remove(ask);
    if (owner != null) {
      owner.answered(ask, reply, nowMs);
    }
  }

  @Override
  public void failed(Ask ask, long nowMs) {
    Operation owner = owners.remove(ask);
    if (owner != null) {
      owner.failed(ask, nowMs);
    }
  }

  @Override
  public void timeUp() {
    parts.forEach(Operation::timeUp);
  }

  @Override
  public boolean isDone() {
    return parts.stream().allMatch(Operation::isDone);
  }

  @Override
  public List<Operation> finish(long nowMs) {
    return parts.stream().flatMap(part -> part.finish(nowMs).stream()).toList();
  }
}
