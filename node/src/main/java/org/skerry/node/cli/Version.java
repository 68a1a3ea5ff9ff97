package org.skerry.node.cli;

import picocli.CommandLine.IVersionProvider;

/** The version this build calls itself. */
public final class Version implements IVersionProvider {
  /** The version, as the build wrote it into the jar; {@code dev} outside of one. */
  public static String text() {
    String built = Version.class.getPackage().getImplementationVersion();
    return built == null ? "dev" : built;
  }

  @Override
  public String[] getVersion() {
    return new String[] {"skerry " + text() + " (Java " + Runtime.version() + ")"};
  }
}
