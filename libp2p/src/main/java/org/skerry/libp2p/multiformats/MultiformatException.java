package org.skerry.libp2p.multiformats;

/** Bytes or text that are not what a multiformats specification allows. */
public final class MultiformatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public MultiformatException(String message) {
    super(message);
  }
}
