package org.skerry.node;

/**
 * Why a command could not be carried out, in one line for people: what is wrong, and what to do.
 */
public final class NodeException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What a script can switch on; {@link #exitCode} is the process's exit status. */
  public enum Reason {
    /** The command ran and did not succeed. */
    FAILED(1),
    /** The command line or a value in it makes no sense. */
    USAGE(2),
    /** The configuration or a network file has mistakes. */
    CONFIG_INVALID(3),
    /** The identity key is missing, unreadable, or no key. */
    KEY_INVALID(3),
    /** Another daemon owns this home. */
    HOME_LOCKED(4),
    /** No daemon runs on this home. */
    NO_DAEMON(4),
    /** A port is taken by another program. */
    PORT_IN_USE(4),
    /** No peer answered within the limit. */
    UNREACHABLE(5),
    /** The named task, peer or file does not exist. */
    NOT_FOUND(6),
    /** What was found fails verification or the task's acceptance policy. */
    NOT_ACCEPTED(7),
    /** Input data is corrupt or hostile. */
    DATA_INVALID(8),
    /** The disk is full or cannot be written. */
    DISK(9);

    private final int exitCode;

    Reason(int exitCode) {
      this.exitCode = exitCode;
    }

    public int exitCode() {
      return exitCode;
    }
  }

  private final Reason reason;
  private final String what;
  private final String remedy;

  /**
   * @param what names the thing that is wrong
   * @param remedy what the user can do about it, as an imperative
   */
  public NodeException(Reason reason, String what, String remedy) {
    super(what + "; " + remedy);
    this.reason = reason;
    this.what = what;
    this.remedy = remedy;
  }

  public NodeException(Reason reason, String what, String remedy, Throwable cause) {
    super(what + "; " + remedy, cause);
    this.reason = reason;
    this.what = what;
    this.remedy = remedy;
  }

  /** What is wrong and what to do, as one line. */
  public String line() {
    return what + "; " + remedy;
  }

  /** What is wrong. */
  public String what() {
    return what;
  }

  /** What to do, perhaps in several lines. */
  public String remedy() {
    return remedy;
  }

  public Reason reason() {
    return reason;
  }
}
