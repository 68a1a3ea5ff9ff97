package org.skerry.board.document;

import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.multiformats.Cid;

/**
 * The codec whose latents a task trains on.
 *
 * @param weights blob of the codec's weights
 * @param scale factor from the encoder's output to the latents
 * @param downsampling pixels on a side of one latent
 */
public record LatentCodec(CodecFamily family, Cid weights, double scale, int downsampling) {
  public LatentCodec {
    Bounds.blob("weights", weights);
    scale = Bounds.real("scale", scale, 1e-6, 1e6);
    Bounds.range("downsampling", downsampling, 1, 64);
  }

  Value toValue() {
    return new FieldWriter()
        .named("family", family)
        .link("weights", weights)
        .real("scale", scale)
        .integer("downsampling", downsampling)
        .end();
  }

  static LatentCodec fromValue(Value value) {
    FieldReader in = FieldReader.of("latent codec", value);
    LatentCodec codec =
        new LatentCodec(
            in.named("family", CodecFamily.class),
            in.link("weights"),
            in.real("scale"),
            in.smallInteger("downsampling"));
    in.end();
    return codec;
  }
}
