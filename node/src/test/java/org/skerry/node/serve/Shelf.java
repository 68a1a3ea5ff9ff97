package org.skerry.node.serve;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.SkerryHome;

/** Notes of ensembles of 8 × 8 pictures whose weights are nowhere. */
record Shelf(SkerryHome home) {
  Shelf(Path folder) {
    this(new SkerryHome(folder));
  }

  Shelf with(String name) throws Exception {
    return with(name, new UNetConfig(3, 8, 8, 2, 16, 4, 0), null);
  }

  Shelf withClasses(String name, String... classes) throws Exception {
    return with(name, new UNetConfig(3, 8, 8, 2, 16, 4, classes.length), List.of(classes));
  }

  @SuppressWarnings("NullAway") // which overlooks that the proof of a class file may be null
  private Shelf with(String name, NetworkConfig network, @Nullable List<String> classes)
      throws Exception {
    PulledEnsemble.Member expert =
        new PulledEnsemble.Member(0, "expert", network.toProperties(), "b", "m", "a", 1, 0.5, true);
    new PulledEnsemble(
            "t",
            name,
            "12D3Koo",
            "tests",
            "CC0-1.0",
            8,
            3,
            List.of(10L),
            List.of(expert),
            null,
            classes,
            null,
            null)
        .write(home.model(name));
    return this;
  }

  ServedModels served(String... names) throws Exception {
    return new ServedModels(new ModelShelf(home), List.of(names));
  }
}
