package org.skerry.node.cli;

import picocli.CommandLine.Option;

/** {@code --json}, as every reading verb has it. */
final class JsonOption {
  @Option(names = "--json", description = "print JSON instead of text")
  boolean json;
}
