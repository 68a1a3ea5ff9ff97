package org.skerry.board;

/**
 * Something was refused. Inside the module it ends the parsing of what a peer sent; where a peer's
 * bytes enter from the network it becomes a counted value and is thrown no further.
 */
public final class BoardException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Refusal refusal;

  public BoardException(Refusal refusal, String message) {
    super(message);
    this.refusal = refusal;
  }

  public BoardException(Refusal refusal, String message, Throwable cause) {
    super(message, cause);
    this.refusal = refusal;
  }

  public Refusal refusal() {
    return refusal;
  }
}
