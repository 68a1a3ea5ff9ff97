package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.libp2p.crypto.PrivateKey;

/** Every command that loads the identity key refuses what is none, and changes nothing. */
class WrongKeyIT {
  private static final byte[] KEY = PrivateKey.ofSeed(new byte[32]).encoded();

  @TempDir Path folder;

  static Stream<Arguments> everyCommandWithEveryWrongKey() {
    byte[] otherType = KEY.clone();
    otherType[1] = 2; // Secp256k1
    List<Arguments> wrongs =
        List.of(
            Arguments.of("garbage", "not a key".getBytes(StandardCharsets.UTF_8)),
            Arguments.of("empty", new byte[0]),
            Arguments.of("too short", Arrays.copyOf(KEY, KEY.length - 1)),
            Arguments.of("other type", otherType),
            Arguments.of("too long", new byte[5_000]));
    return Stream.of("keys show", "node run", "task create --images builtin --out made.task")
        .flatMap(
            command -> wrongs.stream().map(w -> Arguments.of(command, w.get()[0], w.get()[1])));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("everyCommandWithEveryWrongKey")
  void isNamedWithARemedy(String command, String what, byte[] key) throws Exception {
    Path home = Files.createDirectories(folder.resolve("home"));
    Path file = Files.write(home.resolve("identity.key"), key);
    onlyForItsOwner(file);

    CommandRun run = CommandRun.of(home, arguments(command));

    assertThat(run.status()).as(run.err()).isEqualTo(3);
    assertThat(run.error()).contains("the identity key " + file, "; restore it from a backup");
    assertUntouched(home, file, key);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void thatOthersCanReadIsToBeLockedFirst(String command) throws Exception {
    Path home = Files.createDirectories(folder.resolve("home"));
    Path file = Files.write(home.resolve("identity.key"), KEY);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    CommandRun run = CommandRun.of(home, arguments(command));

    assertThat(run.status()).as(run.err()).isEqualTo(3);
    assertThat(run.error()).contains(file + " can be read by others", "chmod 600 " + file);
    assertUntouched(home, file, KEY);

    onlyForItsOwner(file);
    assertThat(CommandRun.of(home, "keys", "show").status()).isZero();
  }

  static Stream<String> commands() {
    return Stream.of("keys show", "node run", "task create --images builtin --out made.task");
  }

  private static void onlyForItsOwner(Path file) throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private String[] arguments(String command) {
    return command.replace("made.task", folder.resolve("made.task").toString()).split(" ");
  }

  private void assertUntouched(Path home, Path file, byte[] key) throws Exception {
    assertThat(file).hasBinaryContent(key);
    try (var beside = Files.list(folder)) {
      assertThat(beside).containsExactly(home);
    }
    try (var inside = Files.list(home)) {
      assertThat(inside.map(p -> p.getFileName().toString().toLowerCase(Locale.ROOT)))
          .containsExactlyInAnyOrder("identity.key", "logs");
    }
  }
}
