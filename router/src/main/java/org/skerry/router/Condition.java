package org.skerry.router;

/**
 * What an image is asked to show.
 *
 * @param label number of a class
 * @param guidance scale of classifier-free guidance, which is applied to each expert before they
 *     are mixed; 1 for none
 */
public record Condition(int label, double guidance) {
  public Condition {
    if (label < 0) {
      throw new IllegalArgumentException("class " + label + " is negative");
    }
    if (!(guidance >= 0 && guidance <= 100)) {
      throw new IllegalArgumentException("guidance " + guidance + " not in 0..100");
    }
  }
}
