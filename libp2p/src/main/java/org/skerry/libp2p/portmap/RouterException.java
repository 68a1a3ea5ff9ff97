package org.skerry.libp2p.portmap;

import org.jspecify.annotations.Nullable;

/** A router did not do what it was asked for. */
final class RouterException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why; the later, the more it says. */
  enum Kind {
    /** Nobody answers. */
    SILENT,
    /** The answer makes no sense. */
    MALFORMED,
    /** The router says no. */
    REFUSED
  }

  private final Kind kind;

  RouterException(Kind kind, String message) {
    this(kind, message, null);
  }

  RouterException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** What went wrong, for people. */
  String what() {
    return String.valueOf(getMessage());
  }
}
