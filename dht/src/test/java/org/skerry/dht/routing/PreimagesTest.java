package org.skerry.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.PeerId;

class PreimagesTest {
  private final KademliaKey key = KademliaKey.of(new byte[] {7});

  @Test
  void findsIdsThatShareSoManyBitsAndNotTheNext() {
    Random random = new Random(3);
    for (int bits = 0; bits < Preimages.MAX_BITS; bits++) {
      PeerId found = Preimages.sharing(key, bits, random);
      assertThat(key.commonPrefixBits(KademliaKey.of(found))).isEqualTo(bits);
    }
  }

  @Test
  void choosesAmongManyAndTheSameForTheSameSeed() {
    Set<PeerId> found = new HashSet<>();
    Random random = new Random(4);
    for (int i = 0; i < 50; i++) {
      found.add(Preimages.sharing(key, 3, random));
    }
    assertThat(found).hasSizeGreaterThan(45);
    assertThat(found).contains(Preimages.sharing(key, 3, new Random(4)));
  }

  @Test
  void refusesMoreBitsThanItTellsApart() {
    assertThatThrownBy(() -> Preimages.sharing(key, Preimages.MAX_BITS, new Random(5)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("16 shared bits");
  }
}
