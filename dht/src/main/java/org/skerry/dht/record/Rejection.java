package org.skerry.dht.record;

/**
 * Why something another peer sent, or this node was asked to publish, is not accepted.
 *
 * @param cause a name for ledgers and reports, of a small fixed set: the reason's own, or the finer
 *     one that a namespace has for it
 * @param detail for a person: what was wrong
 */
public record Rejection(Reason reason, String cause, String detail) {
  /** What metrics count and a program can switch on. */
  public enum Reason {
    /** The bytes are not a message. */
    MALFORMED,
    /** The message type is none that a request may have. */
    UNSUPPORTED_TYPE,
    /** A message without the key or record that its type needs, or with an impossible one. */
    INCOMPLETE,
    /** A key or value beyond its bound. */
    TOO_LARGE,
    /** No namespace is known by the key's first segment. */
    UNKNOWN_NAMESPACE,
    /** The namespace does not accept the value under the key. */
    INVALID_RECORD,
    /** The record was published longer ago than records live. */
    EXPIRED,
    /** The namespace is full. */
    QUOTA_EXCEEDED,
    /** ADD_PROVIDER names none but peers other than its sender. */
    NOT_THE_SENDER,
    /** To check the peer's values takes more work than its share. */
    OVER_BUDGET,
    /** The peer sends more requests than its share. */
    RATE_LIMITED,
    /** The peer has too many requests under way at once. */
    TOO_MANY_AT_ONCE,
    /** The peers of one origin together ask for more than their share. */
    ORIGIN_LIMITED;

    /** Whether the sender is to blame, not the state this node is in, nor its neighbours. */
    public boolean blamesSender() {
      return this != QUOTA_EXCEEDED && this != ORIGIN_LIMITED;
    }
  }

  /** A rejection with its reason's own name as the cause. */
  public Rejection(Reason reason, String detail) {
    this(reason, reason.name(), detail);
  }

  /** The usual verdict of a {@link RecordNamespace}. */
  public static Rejection invalid(String detail) {
    return new Rejection(Reason.INVALID_RECORD, detail);
  }
}
