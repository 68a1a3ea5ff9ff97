package org.skerry.board.document;

/** Turns bytes into verified documents, perhaps from memory or within a budget. */
public interface EnvelopeReader {
  /** Reads and verifies every envelope anew. */
  EnvelopeReader ANEW =
      new EnvelopeReader() {
        @Override
        public <T extends Document> SignedDocument<T> open(DocumentKind<T> kind, byte[] bytes) {
          return SignedDocument.open(kind, bytes, this);
        }
      };

  /**
   * A document of {@code kind} whose signature holds.
   *
   * @throws org.skerry.board.BoardException with the reason when the bytes are anything else
   */
  <T extends Document> SignedDocument<T> open(DocumentKind<T> kind, byte[] bytes);
}
