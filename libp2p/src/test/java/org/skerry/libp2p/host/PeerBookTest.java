package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Multihash;

class PeerBookTest {
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1); // as nanoTime may wrap
  private final AtomicBoolean connected = new AtomicBoolean();
  private final PeerBook book = new PeerBook(now::get, any -> connected.get());
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
  void putsSignedAddressesBeforeOthersButBehindTheOneThatWorked() {
    book.add(peer, List.of(address(1), address(2)));
    assertThat(book.certify(peer, 5, List.of(address(3), address(2)))).isTrue();
    assertThat(book.addresses(peer)).containsExactly(address(3), address(2), address(1));
    assertThat(book.certified(peer)).containsExactly(address(3), address(2));
    book.worked(peer, address(1));
    book.certify(peer, 6, List.of(address(4)));
    assertThat(book.addresses(peer))
        .as("what it signs no more is gone")
        .containsExactly(address(1), address(4));
    book.failed(peer, address(1));
    assertThat(book.addresses(peer)).containsExactly(address(4), address(1));
    book.certify(peer, 6, List.of(address(5)));
    assertThat(book.addresses(peer)).containsExactly(address(5), address(1));
  }

  @Test
  void forgetsTheSignedAddressThatWorkedWhenItIsSignedNoMore() {
    book.certify(peer, 1, List.of(address(1)));
    book.worked(peer, address(1));
    book.certify(peer, 2, List.of(address(2)));
    assertThat(book.addresses(peer)).containsExactly(address(2));
  }

  @Test
  void keepsANewerRecordFromAnOlderOne() {
    long huge = -1; // the greatest of unsigned sequences
    assertThat(book.certify(peer, 7, List.of(address(1)))).isTrue();
    assertThat(book.certify(peer, 6, List.of(address(2)))).isFalse();
    assertThat(book.certify(peer, huge, List.of(address(3)))).isTrue();
    assertThat(book.certify(peer, 8, List.of(address(4)))).isFalse();
    assertThat(book.addresses(peer)).containsExactly(address(3));
  }

  @Test
  void keepsSignedAddressesUnderAFloodOfOthers() {
    book.certify(peer, 1, List.of(address(1), address(2), address(3)));
    for (int port = 100; port < 200; port++) {
      book.add(peer, List.of(address(port)));
    }
    assertThat(book.addresses(peer))
        .hasSize(PeerBook.MAX_ADDRESSES)
        .startsWith(address(1), address(2), address(3))
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

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void forgetsWhatNobodyHasSpokenOfForAWhile() {
    book.add(peer, List.of(address(1), address(2)));
    pass(PeerBook.TOLD.minusNanos(1));
    book.add(peer, List.of(address(2).withPeerId(peer)));
    assertThat(book.addresses(peer)).containsExactly(address(1), address(2));
    pass(Duration.ofNanos(1));
    assertThat(book.addresses(peer)).containsExactly(address(2));
    pass(PeerBook.TOLD);
    assertThat(book.addresses(peer)).isEmpty();
  }

  @Test
  void keepsWhatIsSignedAndWhatWorkedForLonger() {
    book.certify(peer, 7, List.of(address(1)));
    book.worked(peer, address(2));
    book.add(peer, List.of(address(3)));
    pass(PeerBook.TOLD);
    assertThat(book.addresses(peer)).containsExactly(address(2), address(1));
    assertThat(book.certified(peer)).containsExactly(address(1));
    pass(PeerBook.SURE.minus(PeerBook.TOLD));
    assertThat(book.addresses(peer)).isEmpty();
    assertThat(book.certified(peer)).isEmpty();
    assertThat(book.certify(peer, 6, List.of(address(1)))).as("an older record").isFalse();
  }

  @Test
  void forgetsNothingOfAConnectedPeerAndLittleOfOneThatHasJustGone() {
    connected.set(true);
    book.add(peer, List.of(address(1)));
    pass(PeerBook.SURE.multipliedBy(10));
    assertThat(book.addresses(peer)).containsExactly(address(1));
    book.parted(peer);
    connected.set(false);
    pass(PeerBook.TOLD.minusNanos(1));
    assertThat(book.addresses(peer)).containsExactly(address(1));
    pass(Duration.ofNanos(1));
    assertThat(book.addresses(peer)).isEmpty();
  }
}
