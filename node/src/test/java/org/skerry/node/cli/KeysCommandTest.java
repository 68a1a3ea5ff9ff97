package org.skerry.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.home.SkerryHome;
import tools.jackson.databind.json.JsonMapper;

/** What `skerry keys` does where there is no network. */
class KeysCommandTest {
  @TempDir Path folder;
  private Path kept = Path.of("");

  @BeforeEach
  void choose() {
    kept = folder.resolve("kept.recovery");
  }

  private CommandRun keys(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "keys";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return CommandRun.of(folder.resolve("home"), all);
  }

  private String shown(String name) throws Exception {
    return JsonMapper.shared().readTree(keys("show", "--json").out()).path(name).asString("");
  }

  @Test
  void aKeyNamesOneRecoveryKeyAndKeepsItWhenItIsChanged() throws Exception {
    String recovery = keys("recovery", "--out", kept.toString()).out().strip();
    assertThat(shown("recovery")).isEqualTo(recovery).startsWith("12D3");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
        .isEqualTo("rw-------");
    CommandRun again = keys("recovery", "--out", folder.resolve("other").toString());
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.error()).contains("named its recovery key before: " + recovery);
    assertThat(folder.resolve("other")).doesNotExist();

    String before = shown("peer");
    String after = keys("rotate", "--recovery", kept.toString()).out().strip();
    assertThat(shown("peer")).isEqualTo(after).isNotEqualTo(before);
    assertThat(shown("recovery")).isEqualTo(recovery);
    SkerryHome home = new SkerryHome(folder.resolve("home"));
    assertThat(home.formerKeys().resolve(before + ".key")).isRegularFile();
    assertThat(keys("rotate").status()).as("and once more").isZero();
  }

  @Test
  void aChangeThatWasStoppedHalfwayIsFinishedByTheNext() throws Exception {
    keys("show");
    SkerryHome home = new SkerryHome(folder.resolve("home"));
    byte[] old = Files.readAllBytes(home.identityKey());
    String next = keys("rotate").out().strip();
    Files.write(home.identityKey(), old);
    assertThat(keys("rotate").out().strip()).isEqualTo(next);
    assertThat(shown("peer")).isEqualTo(next);
  }

  @Test
  void filesThatAreDamagedOrOfAnotherKindAreNamed() throws Exception {
    keys("recovery", "--out", kept.toString());
    Path revocation = folder.resolve("kept.revocation");
    keys("revoke", "--out", revocation.toString());
    assertThat(keys("publish", revocation.toString()).error()).contains("for good", "--yes");
    assertThat(keys("publish", kept.toString()).error()).contains("it revokes nothing");
    assertThat(keys("recover", revocation.toString()).error()).contains("no line \"key: …\"");
    assertThat(keys("recover", folder.resolve("none").toString()).error())
        .contains("there is no file");
    String text = Files.readString(kept);
    Path bad = folder.resolve("bad");
    for (String damaged :
        new String[] {
          "", text.replace("key: ", "key: !"), text.replace("statement: p", "statement: q")
        }) {
      Files.writeString(bad, damaged);
      CommandRun run = keys("rotate", "--recovery", bad.toString());
      assertThat(run.status()).isEqualTo(3);
      assertThat(run.error()).contains("is not what `skerry keys` wrote");
    }
    CommandRun.of(folder.resolve("elsewhere"), "keys", "recovery", "--out", folder + "/theirs");
    assertThat(keys("rotate", "--recovery", folder + "/theirs").error())
        .contains("did not name", "use the file that `skerry keys recovery` wrote for it");
    assertThat(keys("recovery", "--out", kept.toString()).error()).contains("named its recovery");
    assertThat(keys("revoke", "--out", kept.toString()).error()).contains("exists already");
  }

  @Test
  void aRevocationWithoutARecoveryKeySaysWhatThatMeans() {
    CommandRun run = keys("revoke", "--out", folder.resolve("r").toString());
    assertThat(run.status()).isZero();
    assertThat(run.err()).contains("not published", "no recovery key may name a successor");
    assertThat(keys("revoke", "--out", "x", "--reason", "r".repeat(201)).error())
        .contains("shorten or correct --reason");
  }

  @Test
  void checkingAndRecoveringNeedANetworkAndSaySo() throws Exception {
    keys("recovery", "--out", kept.toString());
    assertThat(keys("check", shown("peer")).error()).contains("no bootstrap peer");
    assertThat(keys("check", "nobody").error()).contains("'nobody' is no peer id");
    assertThat(keys("recover", kept.toString()).error()).contains("no bootstrap peer");
  }
}
