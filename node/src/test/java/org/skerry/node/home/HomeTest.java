package org.skerry.node.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

class HomeTest {
  @TempDir Path folder;

  @Test
  void commandLineWinsOverVariableWinsOverXdgWinsOverHomeFolder() {
    Map<String, String> all = Map.of("SKERRY_HOME", "/s", "XDG_DATA_HOME", "/x", "HOME", "/h");
    assertThat(SkerryHome.find(Optional.of(Path.of("/c")), all).root()).isEqualTo(Path.of("/c"));
    assertThat(SkerryHome.find(Optional.empty(), all).root()).isEqualTo(Path.of("/s"));
    assertThat(SkerryHome.find(Optional.empty(), Map.of("XDG_DATA_HOME", "/x")).root())
        .isEqualTo(Path.of("/x/skerry"));
    assertThat(SkerryHome.find(Optional.empty(), Map.of("HOME", "/h")).root())
        .isEqualTo(Path.of("/h/.local/share/skerry"));
  }

  @Test
  void keyIsCreatedOnceAndOnlyItsOwnerMayReadIt() throws Exception {
    Path file = folder.resolve("identity.key");

    PrivateKey first = IdentityFile.loadOrCreate(file);
    PrivateKey second = IdentityFile.loadOrCreate(file);

    assertThat(second.publicKey()).isEqualTo(first.publicKey());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void anyOtherFileIsNoKeyAndIsLeftAsItWas() throws Exception {
    Path file = folder.resolve("identity.key");
    byte[] good = IdentityFile.loadOrCreate(file).encoded();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      byte[] bad = good.clone();
      if (i % 2 == 0) {
        bad = java.util.Arrays.copyOf(bad, random.nextInt(bad.length));
      } else {
        bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
      }
      Files.write(file, bad);

      assertThatThrownBy(() -> IdentityFile.loadOrCreate(file))
          .as("seed %d, round %d", seed, i)
          .isInstanceOfSatisfying(
              NodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY_INVALID))
          .hasMessageContaining(file.toString())
          .hasMessageContaining("restore it from a backup");
      assertThat(Files.readAllBytes(file)).isEqualTo(bad);
    }
  }

  @Test
  void secondDaemonOnTheSameHomeIsTurnedAway() throws Exception {
    SkerryHome home = new SkerryHome(folder);
    try (ProcessLock first = HomeLock.acquire(home)) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> HomeLock.acquire(home))
          .hasMessageContaining("another skerry daemon (process " + ProcessHandle.current().pid())
          .hasMessageContaining("--home");
    }
    HomeLock.acquire(home).close();
  }

  @Test
  void homeThatCannotBeCreatedIsOneClearLine() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");

    assertThatThrownBy(() -> new SkerryHome(file.resolve("home")).create())
        .hasMessageContaining("cannot create the home folder")
        .hasMessageContaining("choose another with --home");
  }
}
