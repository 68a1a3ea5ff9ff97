package org.skerry.node.serve;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A call that is not carried out, and what its caller can do about it. */
final class CallException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What a program can switch on. */
  enum Code {
    INVALID_REQUEST(400),
    WRONG_TOKEN(401),
    FORBIDDEN(403),
    NOT_FOUND(404),
    MODEL_NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    /** The job is not in a state in which it can be done. */
    CONFLICT(409),
    CANCELLED(410),
    TOO_LARGE(413),
    QUEUE_FULL(429),
    STOPPING(503),
    FAILED(500);

    private final int status;

    Code(int status) {
      this.status = status;
    }

    /** Of HTTP. */
    int status() {
      return status;
    }

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Code code;
  private final @Nullable String field;
  private final long retryAfterSeconds;

  private CallException(Code code, @Nullable String field, String line, long retryAfterSeconds) {
    super(line);
    this.code = code;
    this.field = field;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /**
   * A call that fails as a whole.
   *
   * @param what is wrong
   * @param remedy as an imperative
   */
  CallException(Code code, String what, String remedy) {
    this(code, null, what + "; " + remedy, 0);
  }

  /** A call that fails for a reason that is a sentence already. */
  CallException(Code code, String line) {
    this(code, null, line, 0);
  }

  /** A field that cannot be so. */
  static CallException field(String field, String what, String remedy) {
    return new CallException(Code.INVALID_REQUEST, field, what + "; " + remedy, 0);
  }

  /** A model that is not served. */
  static CallException noModel(String field, String what, String remedy) {
    return new CallException(Code.MODEL_NOT_FOUND, field, what + "; " + remedy, 0);
  }

  /** A call that would be carried out later. */
  static CallException later(Code code, String what, long seconds) {
    return new CallException(code, null, what + "; ask again in " + seconds + " s", seconds);
  }

  Code code() {
    return code;
  }

  /** The field that is wrong; null when no one is. */
  @Nullable String field() {
    return field;
  }

  /** When to try again; 0 when that helps nothing. */
  long retryAfterSeconds() {
    return retryAfterSeconds;
  }

  /** What is wrong and what to do, in one line. */
  String line() {
    return String.valueOf(getMessage());
  }
}
