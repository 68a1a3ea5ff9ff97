package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class PeerBookTest {
  private final PeerBook book = new PeerBook();
  private final PeerId peer = peer(0);

  private static PeerId peer(int n) {
    return new PeerId(Multihash.identity(new byte[] {(byte) (n >> 8), (byte) n}));
  }

  private static Multiaddr address(int port) {
    return Multiaddr.parse("/ip4/10.0.0.1/tcp/" + port);
  }

  @Test
  void putsTheAddressThatWorkedFirstAndTheOneThatFailedLast() {
    book.add(peer, List.of(address(1), address(2), address(3)));
    book.worked(peer, address(3));
    assertThat(book.addresses(peer)).containsExactly(address(3), address(1), address(2));
    book.failed(peer, address(3));
    assertThat(book.addresses(peer)).containsExactly(address(1), address(2), address(3));
    book.failed(peer, address(9));
    assertThat(book.addresses(peer)).hasSize(3);
  }

  @Test
  void keepsAnAddressOnceWithOrWithoutThePeerInIt() {
    book.add(peer, List.of(address(1), address(1).withPeerId(peer)));
    assertThat(book.addresses(peer)).containsExactly(address(1));
  }

  @Test
  void keepsTheAddressThatWorkedUnderAFloodOfNewOnes() {
    book.worked(peer, address(1));
    List<Multiaddr> flood = new ArrayList<>();
    for (int port = 100; port < 200; port++) {
      flood.add(address(port));
    }
    book.add(peer, flood);
    assertThat(book.addresses(peer))
        .hasSize(PeerBook.MAX_ADDRESSES)
        .startsWith(address(1))
        .endsWith(address(199));
  }

  @Test
  void forgetsThePeerThatWasTouchedLongestAgo() {
    for (int i = 0; i <= PeerBook.MAX_PEERS; i++) {
      book.add(peer(i), List.of(address(i + 1)));
      book.addresses(peer(0));
    }
    assertThat(book.addresses(peer(0))).containsExactly(address(1));
    assertThat(book.addresses(peer(1))).isEmpty();
    assertThat(book.addresses(peer(2))).containsExactly(address(3));
  }

  @Test
  void remembersWhatFarFewerPeersSpeak() {
    for (int i = 0; i <= PeerBook.MAX_SPEAKERS; i++) {
      book.protocols(peer(i), Set.of("/a"));
      book.protocols(peer(0));
    }
    assertThat(book.protocols(peer(0))).containsExactly("/a");
    assertThat(book.protocols(peer(1))).isEmpty();
    assertThat(book.protocols(peer(2))).containsExactly("/a");
  }
}
