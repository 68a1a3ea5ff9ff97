package org.skerry.libp2p.noise;

/** Carries a rejection from inside the handshake to its edge, where it becomes a value. */
final class NoiseException extends Exception {
  private static final long serialVersionUID = 1L;

  private final NoiseRejection rejection;

  NoiseException(NoiseRejection rejection, String message) {
    super(message);
    this.rejection = rejection;
  }

  NoiseRejection rejection() {
    return rejection;
  }
}
