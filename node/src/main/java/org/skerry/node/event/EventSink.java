package org.skerry.node.event;

/** Takes note of what happens. Thread-safe; never blocks for long and never throws. */
@FunctionalInterface
public interface EventSink {
  void record(Event event);
}
