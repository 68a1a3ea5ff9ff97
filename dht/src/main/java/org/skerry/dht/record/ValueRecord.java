package org.skerry.dht.record;

import java.util.Arrays;

/**
 * A value as its holder keeps it.
 *
 * @param publishedMs when its publisher last put it, as far as known; it expires a TTL later
 * @param receivedMs when this holder last received it; it is republished an interval later
 */
public record ValueRecord(byte[] key, byte[] value, long publishedMs, long receivedMs) {
  public ValueRecord {
    key = key.clone();
    value = value.clone();
  }

  @Override
  public byte[] key() {
    return key.clone();
  }

  @Override
  public byte[] value() {
    return value.clone();
  }

  /** How long the value is. */
  int valueBytes() {
    return value.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ValueRecord that
        && Arrays.equals(key, that.key)
        && Arrays.equals(value, that.value)
        && publishedMs == that.publishedMs
        && receivedMs == that.receivedMs;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(key) * 31 + Arrays.hashCode(value);
  }
}
