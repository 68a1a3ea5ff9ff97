package org.skerry.libp2p.crypto;

/** Bytes that are not a key Skerry can use. */
public final class KeyFormatException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public KeyFormatException(String message) {
    super(message);
  }
}
