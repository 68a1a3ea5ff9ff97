package org.skerry.bench;

import java.util.Map;

/** Something that can be measured by name. */
interface Benchmark {
  String name();

  /** One line for the list. */
  String about();

  /**
   * The options it knows with their defaults; where the default is a whole number, so is any value.
   */
  Map<String, String> options();

  Report run(Options options) throws Exception;
}
