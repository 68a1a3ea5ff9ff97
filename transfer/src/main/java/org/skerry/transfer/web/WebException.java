package org.skerry.transfer.web;

import java.io.IOException;
import java.time.Duration;

/** Why nothing came from a URL. */
public final class WebException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What a program can switch on. */
  public enum Reason {
    /** The server does not have it, or does not give it to us. */
    NOT_FOUND,
    /** It wants to be asked later. */
    BUSY,
    /** It could not be reached, failed, took too long, or went away. */
    LOST,
    /** The URL, or one that it led to, is not for strangers to make us ask. */
    FORBIDDEN,
    /** The answer is not one to what was asked. */
    MALFORMED
  }

  private final Reason reason;
  private final Duration retryAfter;

  WebException(Reason reason, String message) {
    super(message);
    this.reason = reason;
    this.retryAfter = Duration.ZERO;
  }

  WebException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.retryAfter = Duration.ZERO;
  }

  /** BUSY. */
  WebException(String message, Duration retryAfter) {
    super(message);
    this.reason = Reason.BUSY;
    this.retryAfter = retryAfter;
  }

  public Reason reason() {
    return reason;
  }

  /** How long the server wants to be left alone; zero where it did not say. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
