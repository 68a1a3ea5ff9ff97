package org.skerry.node.ensemble.folder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.ensemble.PulledEnsemble;

/** Export and import of an ensemble with documents: the starter. */
class SignedFolderTest {
  private static final String WEIGHTS = "expert_1/diffusion_pytorch_model.safetensors";

  @TempDir Path folder;

  @Test
  void importThenExportThenImportChangesNothing() throws Exception {
    assertThat(run("first", "import", Folders.STARTER.toString()).status()).isZero();
    Path out = folder.resolve("out");
    CommandRun exported = run("first", "export", "starter", "--out", out.toString());
    assertThat(exported.status()).as(exported.err()).isZero();
    CommandRun imported = run("second", "import", out.toString());
    assertThat(imported.status()).as(imported.err()).isZero();
    assertThat(imported.err()).contains("every signature and every byte holds");
    Path again = folder.resolve("again");
    assertThat(run("second", "export", "starter", "--out", again.toString()).status()).isZero();

    assertThat(note("second")).isEqualTo(note("first"));
    assertThat(Folders.content(again)).isEqualTo(Folders.content(out));
    SortedMap<String, String> shipped = Folders.content(Folders.STARTER);
    SortedMap<String, String> ours = Folders.content(out);
    assertThat(shipped.remove("README.md")).isNotNull();
    assertThat(ours.remove("README.md")).isNotNull();
    assertThat(ours).isEqualTo(shipped);
    // The shipped card goes on where the exported one ends.
    assertThat(Files.readString(Folders.STARTER.resolve("README.md")))
        .startsWith(Files.readString(out.resolve("README.md")));
  }

  @Test
  void isAsGoodAsPulled() {
    assertThat(run("home", "import", Folders.STARTER.toString(), "--name", "mine").status())
        .isZero();
    CommandRun verified = run("home", "verify", "mine");
    assertThat(verified.status()).as(verified.out()).isZero();
    assertThat(verified.out()).doesNotContain("BAD", "UNSIGNED").contains("accepted by");
    assertThat(run("home", "show", "mine").out()).contains("trained on 660 images");
    assertThat(run("home", "list").out()).contains("mine", "4 of  4 experts", "Apache-2.0");
    assertThat(run("home", "import", Folders.STARTER.toString(), "--name", "mine").status())
        .as("importing it once more")
        .isZero();
    assertThat(run("home", "rm", "mine").status()).isZero();
    assertThat(folder.resolve("home/fetched").toFile().listFiles(java.io.File::isFile))
        .extracting(java.io.File::getName)
        .doesNotContain("mine")
        .containsExactly("lock");
  }

  @Test
  void weightsThatNobodySignedAreRefused() throws Exception {
    Path source = Folders.starterIn(folder.resolve("source"));
    byte[] weights = Files.readAllBytes(source.resolve(WEIGHTS));
    weights[weights.length - 1] ^= 1;
    Files.write(source.resolve(WEIGHTS), weights);
    refused(source, WEIGHTS + " is not the file that was signed for");
  }

  @Test
  void partsInEachOthersPlacesAreRefused() throws Exception {
    Path source = Folders.starterIn(folder.resolve("source"));
    Files.copy(
        source.resolve(WEIGHTS),
        source.resolve("expert_0/diffusion_pytorch_model.safetensors"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    refused(source, "expert_0/diffusion_pytorch_model.safetensors is not the file");
  }

  @Test
  void anotherNetworkThanTheTasksIsRefused() throws Exception {
    Path source = Folders.starterIn(folder.resolve("source"));
    edit(source.resolve("expert_2/config.json"), text -> text.replace(": 64", ": 128"));
    refused(source, "expert_2/config.json is of another network than the signed task's");
  }

  @Test
  void documentsThatWereChangedAreRefused() throws Exception {
    Path source = Folders.starterIn(folder.resolve("source"));
    Path documents = source.resolve("documents.json");
    String good = Files.readString(documents);
    int middle = good.length() / 2;
    char other = good.charAt(middle) == 'A' ? 'B' : 'A';
    Files.writeString(documents, good.substring(0, middle) + other + good.substring(middle + 1));
    refused(source, "is damaged");

    Files.writeString(documents, good.replace("\"expert_0\"", "\"expert_9\""));
    refused(source, "no signed document speaks for expert_0");

    String manifest = note("good").experts().getFirst().manifest();
    Files.writeString(documents, good.replace(manifest, note("good").experts().get(1).manifest()));
    refused(source, "no signed document speaks for expert_0");

    Files.writeString(documents, good.replace("\"format\" : 1", "\"format\" : 2"));
    refused(source, "documents.json has the format 2, and this version reads 1");

    Files.writeString(documents, "[".repeat(100_000));
    refused(source, "documents.json is no JSON");
  }

  @Test
  void anExpertThatNoDocumentKnowsIsRefused() throws Exception {
    Path source = Folders.starterIn(folder.resolve("source"));
    Files.createDirectory(source.resolve("expert_4"));
    refused(source, "no signed document speaks for expert_4");
  }

  @Test
  void aSheetThatNobodySignedIsRefused() throws Exception {
    Path source = Folders.starterIn(folder.resolve("source"));
    Files.writeString(source.resolve("sheets/partition_0.png"), "another picture");
    refused(source, "sheets/partition_0.png is not the file that was signed for");
  }

  @Test
  void anExpertMayBeMissing() throws Exception {
    assertThat(run("home", "import", Folders.STARTER.toString()).status()).isZero();
    PulledEnsemble whole = note("home");
    new PulledEnsemble(
            whole.task(),
            whole.name(),
            whole.publisher(),
            whole.description(),
            whole.licence(),
            whole.imageSize(),
            whole.channels(),
            whole.samplesPerPartition(),
            whole.experts().subList(0, 2),
            whole.router(),
            null,
            null,
            whole.proofIfPresent().orElseThrow())
        .write(folder.resolve("home/models/half.json"));
    Path out = folder.resolve("half");
    CommandRun exported = run("home", "export", "half", "--out", out.toString());
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(Folders.names(out)).doesNotContain("expert_2").contains("expert_1", "sheets");
    assertThat(Files.readString(out.resolve("README.md"))).contains("partition [2, 3]");
    CommandRun imported = run("other", "import", out.toString());
    assertThat(imported.status()).as(imported.err()).isZero();
    assertThat(imported.err()).contains("2 of 4 experts and the router");
    assertThat(note("other").missing()).containsExactly(2, 3);
  }

  @Test
  void exportRefusesWhatItDidNotWriteAndReplacesItsOwnByForceOnly() throws Exception {
    assertThat(run("home", "import", Folders.STARTER.toString()).status()).isZero();
    Path out = Files.createDirectories(folder.resolve("out"));
    Files.writeString(out.resolve("thesis.txt"), "years of work");
    for (String[] more : new String[][] {{}, {"--force"}}) {
      CommandRun run = export(out, more);
      assertThat(run.status()).isEqualTo(2);
      assertThat(run.error()).contains("it is not empty, and no export of an ensemble");
    }
    assertThat(Folders.names(out)).containsExactly("thesis.txt");
    Files.delete(out.resolve("thesis.txt"));
    assertThat(export(out).status()).as("an empty folder").isZero();
    CommandRun second = export(out);
    assertThat(second.status()).isEqualTo(2);
    assertThat(second.error()).contains("holds an exported ensemble already", "--force");
    Files.writeString(out.resolve("README.md"), "edited");
    assertThat(export(out, "--force").status()).isZero();
    assertThat(Files.readString(out.resolve("README.md"))).contains("license: apache-2.0");
    assertThat(Folders.names(folder)).containsExactly("home", "out");
  }

  @Test
  void exportRefusesDamagedWeightsAndLeavesNothing() throws Exception {
    assertThat(run("home", "import", Folders.STARTER.toString()).status()).isZero();
    String blob = note("home").experts().getFirst().weights();
    Files.writeString(folder.resolve("home/fetched").resolve(blob), "damaged");
    CommandRun run = export(folder.resolve("out"));
    assertThat(run.status()).isEqualTo(8);
    assertThat(run.error()).contains(blob, "damaged", "again");
    assertThat(Folders.names(folder)).containsExactly("home");
    CommandRun mended = run("home", "import", Folders.STARTER.toString());
    assertThat(mended.status()).as(mended.err()).isZero();
    assertThat(export(folder.resolve("out")).status()).isZero();
  }

  private CommandRun export(Path out, String... more) {
    String[] arguments = new String[4 + more.length];
    arguments[0] = "export";
    arguments[1] = "starter";
    arguments[2] = "--out";
    arguments[3] = out.toString();
    System.arraycopy(more, 0, arguments, 4, more.length);
    return run("home", arguments);
  }

  private void refused(Path source, String why) {
    CommandRun run = run("refusing", "import", source.toString());
    assertThat(run.status()).as(run.err()).isEqualTo(8);
    assertThat(run.error()).contains(source.toString(), why);
    assertThat(folder.resolve("refusing/models")).doesNotExist();
    assertThat(folder.resolve("refusing/fetched")).doesNotExist();
  }

  private PulledEnsemble note(String home) throws IOException {
    Path note = folder.resolve(home).resolve("models/starter.json");
    if (!Files.exists(note)) {
      assertThat(run(home, "import", Folders.STARTER.toString()).status()).isZero();
    }
    return PulledEnsemble.read(note);
  }

  private static void edit(Path file, UnaryOperator<String> change) throws IOException {
    String old = Files.readString(file);
    String text = change.apply(old);
    assertThat(text).isNotEqualTo(old);
    Files.writeString(file, text);
  }

  private CommandRun run(String home, String... arguments) {
    return CommandRun.of(folder.resolve(home), arguments);
  }
}
