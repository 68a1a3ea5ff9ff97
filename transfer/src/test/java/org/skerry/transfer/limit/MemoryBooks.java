package org.skerry.transfer.limit;

import java.util.function.UnaryOperator;

/** Books that last as long as the test. */
public final class MemoryBooks implements Quota.Books {
  private Quota.Used used = Quota.Used.NOTHING;

  @Override
  public synchronized Quota.Used update(UnaryOperator<Quota.Used> change) {
    used = change.apply(used);
    return used;
  }

  Quota.Used used() {
    return used;
  }
}
