package org.skerry.trainer.metrics;

import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;
import org.skerry.trainer.dataset.ImageSet;
import org.skerry.trainer.features.FeatureSpace;
import org.skerry.trainer.features.Moments;

/**
 * The Fréchet distance between two sets of images whose features are taken as normally distributed
 * (Dowson and Landau 1982; Heusel et al. 2017 with other features): {@code |m1 - m2|² + tr(C1 + C2
 * - 2 (C1 C2)^½)}, on the built-in features in principal components fitted on training images.
 * Lower is closer. Values compare only within one fit, and at like numbers of images.
 */
public final class FrechetDistance {
  private final FeatureSpace space;

  private FrechetDistance(FeatureSpace space) {
    this.space = space;
  }

  /** Fits the feature space on training images. */
  public static FrechetDistance fit(ImageSet training) {
    return new FrechetDistance(FeatureSpace.fit(training));
  }

  /** The distance between two sets of at least two images each. */
  public double between(ImageSet a, ImageSet b) {
    return between(Moments.of(space.project(a)), Moments.of(space.project(b)));
  }

  /** The distance between two distributions of any features. */
  public static double between(Moments a, Moments b) {
    double squared = 0;
    for (int i = 0; i < a.mean().length; i++) {
      double difference = a.mean()[i] - b.mean()[i];
      squared += difference * difference;
    }
    RealMatrix first = a.covarianceMatrix();
    RealMatrix second = b.covarianceMatrix();
    return squared + first.getTrace() + second.getTrace() - 2 * traceOfRoot(first, second);
  }

  /** {@code tr((AB)^½) = tr((A^½ B A^½)^½)}: the right side is symmetric, its roots are real. */
  private static double traceOfRoot(RealMatrix a, RealMatrix b) {
    // Of a covariance, singular values and eigenvalues are the same.
    SingularValueDecomposition eigen = new SingularValueDecomposition(a);
    double[] values = eigen.getSingularValues();
    RealMatrix scaled = eigen.getV().copy();
    for (int j = 0; j < scaled.getColumnDimension(); j++) {
      double root = Math.sqrt(values[j]);
      for (int i = 0; i < scaled.getRowDimension(); i++) {
        scaled.multiplyEntry(i, j, root);
      }
    }
    RealMatrix rootA = scaled.multiply(eigen.getVT());
    RealMatrix product = rootA.multiply(b).multiply(rootA);
    RealMatrix symmetric = product.add(product.transpose()).scalarMultiply(0.5);
    double trace = 0;
    for (double value : new SingularValueDecomposition(symmetric).getSingularValues()) {
      trace += Math.sqrt(value);
    }
    return trace;
  }
}
