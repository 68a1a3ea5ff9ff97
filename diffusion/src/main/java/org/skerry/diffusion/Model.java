package org.skerry.diffusion;

import java.util.List;
import java.util.Map;
import org.skerry.diffusion.safetensors.HostTensor;

/** Something with named parameters: a {@link Network}, or what stands beside one. */
public sealed interface Model permits Network, AutoencoderKl, TextEncoder {
  /** Every parameter, in the order in which files and optimizers keep them. */
  List<ParameterSpec> parameters();

  /**
   * The tensors of a file as {@link #parameters} has them, where published files have another name,
   * shape or precision for the same thing. Whatever is not recognised stays as it is, to be
   * refused.
   */
  default Map<String, HostTensor> adapted(Map<String, HostTensor> tensors) {
    return tensors;
  }

  /** Whether {@link #adapted} does nothing but make float32 of half precision. */
  default boolean widens() {
    return false;
  }
}
