package org.skerry.node.demo;

/** Where a demo says what happens. */
public interface Stage {
  void say(String sentence);

  /** One line that is drawn over the last one, or nothing where nobody watches. */
  void status(String line);
}
