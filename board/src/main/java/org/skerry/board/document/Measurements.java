package org.skerry.board.document;

import java.util.Optional;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.multiformats.Cid;

/**
 * What an evaluator measured, on fixed draws of time and noise. A loss that is not finite, or that
 * could not be measured, is NaN here and absent on the wire.
 *
 * @param emaPublicLoss averaged weights on the public shard
 * @param emaSecretLoss averaged weights on the secret shard; the one that decides
 * @param rawPublicLoss raw weights of the resume blob on the public shard
 * @param rawSecretLoss raw weights of the resume blob on the secret shard
 * @param gaussianLoss the analytic Gaussian denoiser on the secret shard; for a router, the entropy
 *     of the partitions' natural proportions
 * @param initialLoss the task's initial weights on the secret shard
 * @param bestAcceptedLoss the best manifest of the unit that was accepted before, measured on the
 *     same draws of the secret shard; NaN when there was none
 * @param resumeStateFinite whether every number of the resume blob is finite
 * @param copyOf the manifest, of another author or another unit, whose weights these are
 */
public record Measurements(
    double emaPublicLoss,
    double emaSecretLoss,
    double rawPublicLoss,
    double rawSecretLoss,
    double gaussianLoss,
    double initialLoss,
    double bestAcceptedLoss,
    boolean resumeStateFinite,
    Optional<Cid> copyOf) {

  public Measurements {
    emaPublicLoss = Bounds.measured(emaPublicLoss);
    emaSecretLoss = Bounds.measured(emaSecretLoss);
    rawPublicLoss = Bounds.measured(rawPublicLoss);
    rawSecretLoss = Bounds.measured(rawSecretLoss);
    gaussianLoss = Bounds.measured(gaussianLoss);
    initialLoss = Bounds.measured(initialLoss);
    bestAcceptedLoss = Bounds.measured(bestAcceptedLoss);
    copyOf.ifPresent(id -> Bounds.document("copyOf", id));
  }

  Value toValue() {
    return new FieldWriter()
        .realUnlessNan("emaPublicLoss", emaPublicLoss)
        .realUnlessNan("emaSecretLoss", emaSecretLoss)
        .realUnlessNan("rawPublicLoss", rawPublicLoss)
        .realUnlessNan("rawSecretLoss", rawSecretLoss)
        .realUnlessNan("gaussianLoss", gaussianLoss)
        .realUnlessNan("initialLoss", initialLoss)
        .realUnlessNan("bestAcceptedLoss", bestAcceptedLoss)
        .bool("resumeStateFinite", resumeStateFinite)
        .link("copyOf", copyOf)
        .end();
  }

  static Measurements fromValue(Value value) {
    FieldReader in = FieldReader.of("measurements", value);
    Measurements measured =
        new Measurements(
            in.realOrNan("emaPublicLoss"),
            in.realOrNan("emaSecretLoss"),
            in.realOrNan("rawPublicLoss"),
            in.realOrNan("rawSecretLoss"),
            in.realOrNan("gaussianLoss"),
            in.realOrNan("initialLoss"),
            in.realOrNan("bestAcceptedLoss"),
            in.bool("resumeStateFinite"),
            in.optionalLink("copyOf"));
    in.end();
    return measured;
  }
}
