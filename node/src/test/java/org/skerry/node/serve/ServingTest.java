package org.skerry.node.serve;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests of one server, which takes seconds to close. */
abstract class ServingTest {
  @TempDir static Path folder;
  static Serving serving;

  @BeforeAll
  static void start() throws Exception {
    serving = Serving.open(folder);
  }

  @AfterAll
  static void stop() {
    serving.close();
  }

  @BeforeEach
  void forget() throws Exception {
    serving.source.reset();
  }
}
