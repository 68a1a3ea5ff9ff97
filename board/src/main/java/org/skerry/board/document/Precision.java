package org.skerry.board.document;

/** The number format of the training step. */
public enum Precision implements WireName {
  /** IEEE 754 single precision. */
  FLOAT32,
  /** Eight bits of exponent, seven of mantissa; losses and state in single precision. */
  BFLOAT16,
  /** IEEE 754 half precision with a loss scale; losses and state in single precision. */
  FLOAT16
}
