package org.skerry.node.ensemble.folder;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.diffusion.AutoencoderKlConfig;

/** The configuration of a codec as diffusers writes it, so that diffusers can load it. */
final class CodecJson {
  private CodecJson() {}

  static Map<String, Object> write(AutoencoderKlConfig config) {
    int blocks = config.blockChannels().size();
    Map<String, Object> out = new LinkedHashMap<>();
    out.put("_class_name", "AutoencoderKL");
    out.put("act_fn", "silu");
    out.put("block_out_channels", config.blockChannels());
    out.put("down_block_types", Collections.nCopies(blocks, "DownEncoderBlock2D"));
    out.put("in_channels", config.imageChannels());
    out.put("latent_channels", config.latentChannels());
    out.put("layers_per_block", config.layersPerBlock());
    out.put("norm_num_groups", config.groups());
    out.put("out_channels", config.imageChannels());
    out.put("scaling_factor", config.scale());
    out.put("up_block_types", Collections.nCopies(blocks, "UpDecoderBlock2D"));
    return out;
  }
}
