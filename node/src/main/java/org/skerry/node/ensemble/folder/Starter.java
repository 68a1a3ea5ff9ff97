package org.skerry.node.ensemble.folder;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.node.home.SkerryHome;

/** The small ensemble that comes with the program, so that there is something to look at. */
public final class Starter {
  public static final String NAME = "starter";

  /** Where the launcher says the program lies. */
  private static final String INSTALLATION = "skerry.installation";

  private Starter() {}

  /** Puts the starter on the shelf of {@code home}, where the installation has one. */
  public static synchronized void fetch(SkerryHome home) throws NodeException {
    String installation = System.getProperty(INSTALLATION, "");
    Path folder = Path.of(installation, NAME);
    if (!installation.isEmpty() && Files.isDirectory(folder)) {
      new EnsembleImporter(home, ignored -> {}).run(folder, Optional.of(NAME));
    }
  }
}
