package org.skerry.board.dagcbor;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.skerry.board.BoardException;
import org.skerry.libp2p.testing.Hostile;

class DagCborFuzzTest {
  private static final int MAX_BYTES = 64 << 10;

  /** Every value has one encoding, and none other is read. */
  @FuzzTest
  void value(byte[] in) {
    Hostile.read(BoardException.class, () -> DagCbor.decode(in, MAX_BYTES))
        .ifPresent(value -> assertThat(DagCbor.encode(value)).isEqualTo(in));
  }
}
