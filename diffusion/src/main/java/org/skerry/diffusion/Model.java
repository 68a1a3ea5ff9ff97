package org.skerry.diffusion;

import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/** Something with named parameters: a {@link Network}, or what stands beside one. */
public sealed interface Model permits Network, ParisExpert, AutoencoderKl {
  /** Every parameter, in the order in which files and optimizers keep them. */
  List<ParameterSpec> parameters();

  /**
   * The tensors of a file under the names and shapes of {@link #parameters}, where files of other
   * times used different ones. Whatever is not recognised stays as it is.
   */
  default Map<String, HostTensor> renamed(Map<String, HostTensor> tensors) {
    return tensors;
  }
}
