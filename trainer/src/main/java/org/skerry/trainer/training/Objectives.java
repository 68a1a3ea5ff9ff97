package org.skerry.trainer.training;

import org.skerry.diffusion.DitClassifierConfig;
import org.skerry.diffusion.DitConfig;
import org.skerry.diffusion.FlowObjective;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.Objective;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.RoutingObjective;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;

/** What each family of networks is for. */
public final class Objectives {
  private Objectives() {}

  /** Whether the network is a router, which learns partitions; an expert learns velocities. */
  public static boolean isRouter(NetworkConfig network) {
    return switch (network) {
      case UNetConfig _, DitConfig _, ParisExpertConfig _ -> false;
      case UNetClassifierConfig _, DitClassifierConfig _, ParisRouterConfig _ -> true;
    };
  }

  /** The objective that the network is trained and measured with. */
  public static Objective of(NetworkConfig network) {
    return isRouter(network) ? new RoutingObjective() : new FlowObjective();
  }
}
