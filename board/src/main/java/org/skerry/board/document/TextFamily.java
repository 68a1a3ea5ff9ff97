package org.skerry.board.document;

/** Architectures of a text encoder. */
public enum TextFamily implements WireName {
  /** The text half of CLIP. */
  CLIP_TEXT,
  /** The encoder of T5. */
  T5
}
