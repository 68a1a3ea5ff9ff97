package org.skerry.transfer.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.MerkleProof;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.TransferException.Reason;
import org.skerry.transfer.store.PartialBlob.Kept;

class BlobStoreTest {
  @TempDir Path folder;
  private BlobStore store;

  @BeforeEach
  void open() throws IOException {
    store = BlobStore.open(folder);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 262143, 262144, 262145, 3_000_000})
  void storesABlobAsAPlainFileUnderItsId(int size) throws IOException {
    byte[] blob = TestBlobs.pattern(size);
    BlobId id = store.add(blob);
    assertThat(id).isEqualTo(headOf(blob).id());
    assertThat(store.path(id)).hasBinaryContent(blob);
    assertThat(store.size(id)).isEqualTo(size);
    assertThat(store.list()).containsExactly(id);
    assertThat(store.add(store.path(id))).isEqualTo(id);
    assertThat(store.verify(id).whole()).isTrue();
    try (ChunkSource source = store.find(id).orElseThrow()) {
      assertThat(source.have().isComplete()).isTrue();
      for (int i = 0; i < source.head().chunks(); i++) {
        assertThat(source.chunk(i)).contains(TestBlobs.chunk(blob, i));
      }
    }
    assertThat(filesUnder("partial")).isEmpty();
  }

  @Test
  void namesWhatIsMissing() {
    BlobId id = headOf(new byte[] {1}).id();
    assertThat(failure(() -> store.path(id), Reason.NOT_FOUND))
        .contains(id.toString(), folder.toString());
  }

  @Test
  void doesNotDeleteWhatIsPinned() throws IOException {
    BlobId id = store.add(new byte[] {1, 2, 3});
    store.pin(id);
    assertThat(store.delete(id)).isFalse();
    assertThat(store.has(id)).isTrue();
    store.unpin(id);
    assertThat(store.delete(id)).isTrue();
    assertThat(store.list()).isEmpty();
    assertThat(filesUnder("trees")).isEmpty();
    assertThat(store.delete(id)).isFalse();
  }

  @Test
  void belongsToOneOwner() {
    assertThat(failure(() -> BlobStore.open(folder), Reason.LOCKED)).contains(folder.toString());
  }

  @Test
  void namesAFolderThatCannotBe() throws IOException {
    Path file = Files.write(folder.resolve("a-file"), new byte[1]);
    assertThat(failure(() -> BlobStore.open(file.resolve("blobs")), Reason.STORE_FAILED))
        .contains(file.toString(), "name another folder");
  }

  @Test
  void leavesNothingOfAnAddThatFails() {
    InputStream cut =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("cable cut");
          }

          @Override
          public int read(byte[] into, int offset, int length) throws IOException {
            return read();
          }
        };
    InputStream broken = new SequenceInputStream(new ByteArrayInputStream(new byte[600_000]), cut);
    assertThatThrownBy(() -> store.add(broken)).hasMessage("cable cut");
    assertThat(filesUnder("partial")).isEmpty();
    assertThat(filesUnder("trees")).isEmpty();
  }

  @Test
  void deletesWhatAKilledAddLeft() throws IOException {
    store.close();
    Path left = Files.write(folder.resolve("partial/add-3"), new byte[10]);
    String name = headOf(new byte[1]).id().toString();
    Path orphan = Files.write(folder.resolve("trees").resolve(name), new byte[9]);
    store = BlobStore.open(folder);
    assertThat(left).doesNotExist();
    assertThat(orphan).doesNotExist();
  }

  @Test
  void keepsTheOwnersMinimumOfTheDiskFree() throws IOException {
    AtomicLong free = new AtomicLong(10_000_000);
    reopen(ignored -> free.get(), 9_000_000);
    byte[] blob = TestBlobs.chunks(8, 1);
    BlobHead head = headOf(blob);
    assertThat(failure(() -> store.add(blob), Reason.DISK_FULL))
        .contains(folder.toString(), "room for 9.5 MiB", "free some space");
    failure(() -> store.openPartial(head), Reason.DISK_FULL);
    assertThat(filesUnder("partial")).isEmpty();
    free.set(100_000_000);
    assertThat(store.add(blob)).isEqualTo(head.id());
  }

  @Test
  void promisesTheSameFreeSpaceOnce() throws IOException {
    reopen(ignored -> 3_000_000, 0);
    BlobHead second = headOf(TestBlobs.chunks(8, 2));
    try (PartialBlob first = store.openPartial(headOf(TestBlobs.chunks(8, 1)))) {
      assertThat(first.have().count()).isZero();
      failure(() -> store.openPartial(second), Reason.DISK_FULL);
    }
    store.openPartial(second).close();
  }

  @Test
  void reportsADiskThatFillsWhileFetchingAndKeepsWhatIsVerified() throws IOException {
    AtomicLong free = new AtomicLong(100_000_000);
    reopen(ignored -> free.get(), 1000);
    byte[] blob = TestBlobs.chunks(3, 1);
    PartialBlob partial = store.openPartial(headOf(blob));
    partial.keep(TestBlobs.chunk(blob, 0));
    partial.close();
    PartialBlob full = store.openPartial(headOf(blob));
    free.set(900);
    failure(() -> full.keep(TestBlobs.chunk(blob, 1)), Reason.DISK_FULL);
    assertThat(full.have().bits()).hasToString("{0}");
    full.discard();
    assertThat(filesUnder("partial")).isEmpty();
  }

  @Test
  void aPartialBlobBecomesVisibleOnlyWhenItIsComplete() throws IOException {
    byte[] blob = TestBlobs.chunks(5, 3);
    BlobId id = headOf(blob).id();
    PartialBlob partial = store.openPartial(headOf(blob));
    for (int i : new int[] {4, 0, 2, 1}) {
      assertThat(partial.keep(TestBlobs.chunk(blob, i))).isEqualTo(Kept.KEPT);
    }
    assertThat(partial.keep(TestBlobs.chunk(blob, 0))).isEqualTo(Kept.DUPLICATE);
    assertThat(store.has(id)).isFalse();
    assertThat(store.partials()).containsExactly(id);
    assertThatThrownBy(partial::publish).isInstanceOf(IllegalStateException.class);
    try (ChunkSource source = store.find(id).orElseThrow()) {
      assertThat(source.have().bits()).hasToString("{0, 1, 2, 4}");
      assertThat(source.chunk(4)).contains(TestBlobs.chunk(blob, 4));
      assertThat(source.chunk(3)).isEmpty();
    }
    partial.keep(TestBlobs.chunk(blob, 3));
    partial.publish();
    assertThat(store.path(id)).hasBinaryContent(blob);
    assertThat(filesUnder("partial")).isEmpty();
    try (ChunkSource source = store.find(id).orElseThrow()) {
      for (int i = 0; i < 5; i++) {
        assertThat(source.chunk(i)).contains(TestBlobs.chunk(blob, i));
      }
    }
  }

  @Test
  void refusesAndForgetsFalseChunks() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 4);
    PartialBlob partial = store.openPartial(headOf(blob));
    byte[] lie = blob.clone();
    lie[5] ^= 1;
    ProvenChunk genuine = TestBlobs.chunk(blob, 0);
    ByteBuffer cut = genuine.data().limit(1000);
    MerkleProof shortProof = MerkleProof.ofBytes(new byte[32]);
    assertThat(
            List.of(
                partial.keep(new ProvenChunk(0, TestBlobs.chunk(lie, 0).data(), genuine.proof())),
                partial.keep(new ProvenChunk(1, genuine.data(), genuine.proof())),
                partial.keep(new ProvenChunk(0, genuine.data(), shortProof)),
                partial.keep(new ProvenChunk(77, genuine.data(), genuine.proof())),
                partial.keep(new ProvenChunk(0, cut, genuine.proof()))))
        .containsExactly(
            Kept.BAD_CHUNK, Kept.BAD_CHUNK, Kept.BAD_PROOF, Kept.BAD_CHUNK, Kept.BAD_CHUNK);
    assertThat(partial.have().count()).isZero();
    assertThat(partial.keep(genuine)).isEqualTo(Kept.KEPT);
  }

  @Test
  void resumesWithEveryChunkThatWasKept() throws IOException {
    byte[] blob = TestBlobs.chunks(9, 5);
    BlobHead head = headOf(blob);
    PartialBlob partial = store.openPartial(head);
    for (int i : new int[] {8, 3, 0}) {
      partial.keep(TestBlobs.chunk(blob, i));
    }
    store.close();
    store = BlobStore.open(folder);
    assertThat(store.partialHead(head.id())).contains(head);
    PartialBlob resumed = store.openPartial(head);
    assertThat(resumed.have().bits()).hasToString("{0, 3, 8}");
    assertThat(resumed.resumedChunks()).isEqualTo(3);
    assertThat(resumed.damagedChunks()).isZero();
    assertThat(resumed.chunk(3)).contains(TestBlobs.chunk(blob, 3));
  }

  @Test
  void detectsADamagedOrTruncatedPartial() throws IOException {
    byte[] blob = TestBlobs.chunks(6, 6);
    Path data = folder.resolve("partial").resolve(headOf(blob).id().toString());
    keepAll(blob).close();
    byte[] bytes = Files.readAllBytes(data);
    bytes[BlobHead.CHUNK_BYTES + 1] ^= 1;
    Files.write(data, Arrays.copyOf(bytes, 4 * BlobHead.CHUNK_BYTES + 10));
    PartialBlob resumed = store.openPartial(headOf(blob));
    assertThat(resumed.have().bits()).hasToString("{0, 2, 3}");
    assertThat(resumed.damagedChunks()).isEqualTo(3);
  }

  @ParameterizedTest(name = "cut to {0} bytes")
  @ValueSource(ints = {0, 20, 48, 100})
  void beginsAnewWhenTheTreeOfAPartialIsCut(int length) throws IOException {
    byte[] blob = TestBlobs.chunks(3, 6);
    Path tree = folder.resolve("partial").resolve(headOf(blob).id() + ".tree");
    keepAll(blob).close();
    Files.write(tree, Arrays.copyOf(Files.readAllBytes(tree), length));
    PartialBlob resumed = store.openPartial(headOf(blob));
    assertThat(resumed.have().count()).isZero();
    assertThat(resumed.keep(TestBlobs.chunk(blob, 1))).isEqualTo(Kept.KEPT);
  }

  @Test
  void beginsAnewWhenTheHeadOfAPartialIsDamaged() throws IOException {
    byte[] blob = TestBlobs.chunks(3, 6);
    Path tree = folder.resolve("partial").resolve(headOf(blob).id() + ".tree");
    keepAll(blob).close();
    byte[] bytes = Files.readAllBytes(tree);
    bytes[14] ^= 1;
    Files.write(tree, bytes);
    assertThat(store.partialHead(headOf(blob).id())).isEmpty();
    assertThat(store.openPartial(headOf(blob)).have().count()).isZero();
  }

  @Test
  void finishesAPublishThatWasKilledBetweenItsMoves() throws IOException {
    byte[] blob = TestBlobs.chunks(3, 7);
    String name = headOf(blob).id().toString();
    keepAll(blob).close();
    store.close();
    Files.move(
        folder.resolve("partial").resolve(name + ".tree"), folder.resolve("trees").resolve(name));
    store = BlobStore.open(folder);
    PartialBlob resumed = store.openPartial(headOf(blob));
    assertThat(resumed.isComplete()).isTrue();
    resumed.publish();
    assertThat(store.path(headOf(blob).id())).hasBinaryContent(blob);
  }

  @Test
  void doesNotServeADamagedChunkAndRepairsIt() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 8);
    BlobId id = store.add(blob);
    byte[] bytes = Files.readAllBytes(store.path(id));
    bytes[2 * BlobHead.CHUNK_BYTES] ^= 1;
    Files.write(store.path(id), bytes);
    List<BlobId> damaged = new ArrayList<>();
    store.onDamage(damaged::add);
    try (ChunkSource source = store.find(id).orElseThrow()) {
      assertThat(source.chunk(1)).contains(TestBlobs.chunk(blob, 1));
      assertThat(source.chunk(2)).isEmpty();
    }
    assertThat(store.damagedReads()).isEqualTo(1);
    assertThat(damaged).containsExactly(id);
    assertThat(store.verify(id).whole()).isFalse();
    store.demote(id);
    assertThat(store.has(id)).isFalse();
    PartialBlob partial = store.openPartial(headOf(blob));
    assertThat(partial.have().bits()).hasToString("{0, 1, 3}");
    partial.keep(TestBlobs.chunk(blob, 2));
    partial.publish();
    assertThat(store.verify(id).whole()).isTrue();
  }

  @Test
  void servesAWholeBlobWhoseChecksumsAreWrongOrMissing() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 9);
    BlobId id = store.add(blob);
    Path tree = folder.resolve("trees").resolve(id.toString());
    byte[] bytes = Files.readAllBytes(tree);
    int checksums = bytes.length - 4 * Integer.BYTES;
    bytes[checksums] ^= 1;
    for (int size : new int[] {bytes.length, bytes.length - 1, checksums}) {
      Files.write(tree, Arrays.copyOf(bytes, size));
      try (ChunkSource source = store.find(id).orElseThrow()) {
        for (int i = 0; i < 4; i++) {
          assertThat(source.chunk(i)).contains(TestBlobs.chunk(blob, i));
        }
      }
    }
    assertThat(store.damagedReads()).isZero();
  }

  @Test
  void servesNothingMoreOfADeletedBlob() throws IOException {
    byte[] blob = TestBlobs.chunks(2, 9);
    BlobId id = store.add(blob);
    try (ChunkSource source = store.find(id).orElseThrow()) {
      assertThat(source.chunk(0)).isPresent();
      store.delete(id);
      assertThat(source.chunk(1)).isEmpty();
    }
    assertThat(store.damagedReads()).isZero();
  }

  @Test
  void doesNotServeAChunkWithAWrongProof() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 9);
    BlobId id = store.add(blob);
    Path tree = folder.resolve("trees").resolve(id.toString());
    byte[] bytes = Files.readAllBytes(tree);
    bytes[48] ^= 1; // of the first leaf, which proves the second
    Files.write(tree, bytes);
    try (ChunkSource source = store.find(id).orElseThrow()) {
      assertThat(source.chunk(0)).contains(TestBlobs.chunk(blob, 0));
      assertThat(source.chunk(1)).isEmpty();
      assertThat(source.chunk(2)).contains(TestBlobs.chunk(blob, 2));
    }
  }

  /** A fetched blob is found whole by its checksums alone, as an added one is. */
  @Test
  void aFetchedBlobHasTheTreeFileOfAnAddedOne() throws IOException {
    for (int chunks : new int[] {1, 2, 3, 5, 8}) {
      byte[] blob = TestBlobs.chunks(chunks, chunks);
      Path tree = folder.resolve("trees").resolve(headOf(blob).id().toString());
      keepAll(blob).publish();
      byte[] fetched = Files.readAllBytes(tree);
      store.delete(headOf(blob).id());
      store.add(blob);
      byte[] added = Files.readAllBytes(tree);
      int leaves = 48 + chunks * 32;
      assertThat(Arrays.copyOf(fetched, leaves)).isEqualTo(Arrays.copyOf(added, leaves));
      int end = added.length - chunks * Integer.BYTES;
      assertThat(Arrays.copyOfRange(fetched, end, fetched.length))
          .isEqualTo(Arrays.copyOfRange(added, end, added.length));
    }
  }

  @Test
  void rebuildsATreeFileThatIsLost() throws IOException {
    byte[] blob = TestBlobs.chunks(4, 9);
    BlobId id = store.add(blob);
    Files.delete(folder.resolve("trees").resolve(id.toString()));
    try (ChunkSource source = store.find(id).orElseThrow()) {
      assertThat(source.chunk(3)).contains(TestBlobs.chunk(blob, 3));
    }
  }

  @Test
  void aBlobIsFetchedOnceAtATime() throws IOException {
    BlobHead head = headOf(TestBlobs.chunks(2, 1));
    try (PartialBlob first = store.openPartial(head)) {
      failure(() -> store.openPartial(head), Reason.LOCKED);
      assertThat(store.discardPartial(first.head().id())).isFalse();
    }
    assertThat(store.discardPartial(head.id())).isTrue();
    assertThat(filesUnder("partial")).isEmpty();
  }

  private void reopen(FreeSpace space, long minFreeBytes) throws IOException {
    store.close();
    store = BlobStore.open(folder, space, minFreeBytes);
  }

  private PartialBlob keepAll(byte[] blob) throws IOException {
    PartialBlob partial = store.openPartial(headOf(blob));
    for (int i = 0; i < partial.head().chunks(); i++) {
      partial.keep(TestBlobs.chunk(blob, i));
    }
    return partial;
  }

  private static BlobHead headOf(byte[] blob) {
    return MerkleTree.of(blob).head();
  }

  private static String failure(ThrowingCallable call, Reason reason) {
    TransferException failure = catchThrowableOfType(TransferException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.reason()).isEqualTo(reason);
    return String.valueOf(failure.getMessage());
  }

  private List<Path> filesUnder(String name) {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      return files.toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
