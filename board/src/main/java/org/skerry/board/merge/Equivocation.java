package org.skerry.board.merge;

import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.UnitDocument;

/** Evidence that a peer signed two different documents under one sequence. */
public record Equivocation(
    SignedDocument<? extends UnitDocument> one, SignedDocument<? extends UnitDocument> other) {}
