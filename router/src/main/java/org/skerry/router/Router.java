package org.skerry.router;

import ai.djl.ndarray.NDArray;
import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;

/** Tells from which partition a noised image may come: {@code log p(k | x, t)} up to a constant. */
@FunctionalInterface
public interface Router {
  /**
   * The logits, in {@code x}'s manager.
   *
   * @param x {@code [batch, …]}
   * @param t {@code [batch]} in {@code [0, 1]}, 0 = data
   * @return {@code [batch, partitions]}
   */
  NDArray logits(NDArray x, NDArray t);

  /**
   * A trained classifier as a router.
   *
   * @throws IllegalArgumentException when the network gives velocities
   */
  static Router of(Network network, Parameters parameters) {
    switch (network.config()) {
      case UNetClassifierConfig _, DitClassifierConfig _, ParisRouterConfig _ -> {
        return (x, t) -> network.forward(parameters, x, t, null);
      }
      case UNetConfig _, DitConfig _, ParisExpertConfig _ ->
          throw new IllegalArgumentException("a router classifies, and this network does not");
    }
  }
}
