package org.skerry.node.cli;

import picocli.CommandLine.Option;

/** What experts are told of the images besides their pixels. */
final class ClassOptions {
  @Option(
      names = "--class-conditional",
      description =
          """
          tell experts the class of each image, so that `skerry sample --class` can ask for one; \
          every image needs a class\
          """)
  boolean conditional;

  @Option(
      names = "--class-dropout",
      paramLabel = "SHARE",
      description = "images that are trained on without their class, for guidance (default: 0.1)")
  double dropout = 0.1;
}
