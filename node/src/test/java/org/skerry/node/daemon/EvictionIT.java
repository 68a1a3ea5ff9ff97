package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;

/** A node's store when the owner's share of the disk is full. */
class EvictionIT {
  private static final int SIZE = 1 << 20;
  private static final long LIMIT = 5L * SIZE + SIZE / 2;

  @TempDir Path folder;
  private final Random random = new Random(1);
  private PeerStack stack;
  private Blobs blobs;

  @BeforeEach
  void start() throws Exception {
    DiskQuota disk = new DiskQuota(LIMIT, 0);
    stack =
        PeerStack.open(
            Hosts.listen(TestPeer.key(1), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), "test"),
            TestPeer.key(1),
            new PeerStack.Settings(
                Optional.of(folder.resolve("db")),
                folder.resolve("blobs"),
                disk,
                true,
                true,
                false),
            InstantSource.system(),
            event -> {});
    blobs = stack.blobs();
    disk.relieveBy(new Evictor(blobs, stack.weights().orElseThrow()));
  }

  @AfterEach
  void stop() throws Exception {
    stack.close();
  }

  @Test
  void dataThatWasUnusedTheLongestMakesRoom() throws IOException {
    List<BlobId> old = List.of(add(50), add(40), add(30), add(20), add(10));
    blobs.fetch(old.getFirst(), List.of(), progress -> {}); // used again
    BlobId fresh = add(0);
    assertThat(here(old)).containsExactly(true, false, true, true, true);
    assertThat(blobs.store().has(fresh)).isTrue();
  }

  @Test
  void servingIsAUse() throws IOException {
    List<BlobId> old = List.of(add(50), add(40), add(30), add(20), add(10));
    blobs.store().find(old.getFirst()).orElseThrow().close();
    add(0);
    assertThat(here(old)).containsExactly(true, false, true, true, true);
  }

  @Test
  void whatThisNodePromisedStays() throws IOException {
    BlobId pinned = add(50);
    blobs.store().pin(pinned);
    BlobId weights = add(40);
    stack.noteWeights(weights, new Cid(Cid.DAG_CBOR, Multihash.sha256(new byte[] {1})));
    BlobId trained = add(30);
    BlobId idle = add(20);
    add(10);
    try (Blobs.Hold hold = blobs.hold()) {
      hold.add(trained);
      add(0);
      assertThat(here(List.of(pinned, weights, trained, idle)))
          .containsExactly(true, true, true, false);
    }
    add(0);
    assertThat(blobs.store().has(trained)).isFalse();
  }

  @Test
  void whatDoesNotFitBesideItIsRefusedAndNothingIsLost() throws IOException {
    List<BlobId> all = List.of(add(50), add(40), add(30), add(20), add(10));
    try (Blobs.Hold hold = blobs.hold()) {
      all.forEach(hold::add);
      assertThatThrownBy(() -> add(0))
          .isInstanceOfSatisfying(
              TransferException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DISK_FULL))
          .hasMessageContaining("raise limits.disk");
    }
    assertThat(here(all)).doesNotContain(false);
  }

  /** Data that was last used so many minutes ago. */
  private BlobId add(int minutesAgo) throws IOException {
    byte[] bytes = new byte[SIZE];
    random.nextBytes(bytes);
    Path file = Files.write(folder.resolve("data"), bytes);
    BlobId blob = blobs.add(file);
    Files.setLastModifiedTime(
        blobs.store().path(blob),
        FileTime.fromMillis(System.currentTimeMillis() - 60_000L * minutesAgo));
    return blob;
  }

  private List<Boolean> here(List<BlobId> all) {
    return all.stream().map(blob -> blobs.store().has(blob)).toList();
  }
}
