package org.skerry.board.trust;

import org.skerry.board.document.WeightManifest;
import org.skerry.libp2p.PeerId;

/** Whose weights a blob is: the author and unit for which it was measured first. */
record Origin(PeerId author, int unit, long attestedAtMs, String manifestId) {
  static Origin earlier(Origin left, Origin right) {
    boolean leftFirst =
        left.attestedAtMs != right.attestedAtMs
            ? left.attestedAtMs < right.attestedAtMs
            : left.manifestId.compareTo(right.manifestId) <= 0;
    return leftFirst ? left : right;
  }

  boolean isOf(WeightManifest manifest) {
    return manifest.peer().equals(author) && manifest.unit() == unit;
  }
}
