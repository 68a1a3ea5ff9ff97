package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferException;
import org.skerry.transfer.store.BlobStore;

class DiskQuotaTest {
  @TempDir Path folder;

  @Test
  void countsWhatLiesInTheFolderAndGivesRoomBack() throws Exception {
    DiskQuota quota = new DiskQuota(100_000, 0);
    try (BlobStore store = BlobStore.open(folder, quota, 0)) {
      assertThat(quota.usableBytes(folder)).isEqualTo(100_000);
      BlobId blob = store.add(new byte[60_000]);
      assertThat(quota.usableBytes(folder)).isBetween(39_000L, 40_000L);
      store.delete(blob);
      assertThat(quota.usableBytes(folder)).isEqualTo(100_000);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheSettingToRaise() throws Exception {
    try (BlobStore store = BlobStore.open(folder, new DiskQuota(1 << 20, 0), 0)) {
      BlobId first = store.add(new byte[700_000]);
      assertThatThrownBy(() -> store.add(new byte[700_001]))
          .isInstanceOfSatisfying(
              TransferException.class,
              e -> assertThat(e.reason()).isEqualTo(TransferException.Reason.DISK_FULL))
          .hasMessageContainingAll(folder.toString(), "raise limits.disk (now 1.0 MiB)");
      assertThat(store.list()).containsExactly(first);
    }
  }
}
