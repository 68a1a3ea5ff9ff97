package org.skerry.node.ensemble.folder;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.AutoencoderKl;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.NetworkConfig;
import org.skerry.diffusion.ParisExpert;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouter;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.UNetClassifierConfig;
import org.skerry.diffusion.UNetConfig;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.ensemble.PulledEnsemble;
import tools.jackson.databind.json.JsonMapper;

/** Folders without documents: hostile until shown otherwise, and then still nobody's word. */
class UnsignedFolderTest {
  private static final ParisExpertConfig EXPERT = new ParisExpertConfig(4, 8, 2, 64, 2, 4, 256, 32);
  private static final ParisRouterConfig ROUTER = new ParisRouterConfig(4, 8, 2, 48, 2, 4, 192, 4);
  private static final AutoencoderKlConfig CODEC =
      new AutoencoderKlConfig(3, 4, List.of(32, 32), 1, 32, 0.25);

  @TempDir Path folder;

  @Test
  void theStarterWithoutItsDocumentsIsTakenAndSaidToBeUnsigned() throws Exception {
    Path source = Folders.starterIn(folder.resolve("source"));
    Files.delete(source.resolve("documents.json"));
    CommandRun imported = run("import", source.toString(), "--name", "found");
    assertThat(imported.status()).as(imported.err()).isZero();
    assertThat(imported.err()).contains("UNSIGNED", "nobody's word but the folder's");

    CommandRun verified = run("verify", "found");
    assertThat(verified.status()).as(verified.err()).isZero();
    assertThat(verified.out()).startsWith("UNSIGNED").contains("every one hashed");
    CommandRun shown = run("show", "found");
    assertThat(shown.status()).isZero();
    assertThat(shown.out()).startsWith("UNSIGNED").doesNotContain("accepted", "by  ");
    assertThat(run("show", "found", "--json").out()).contains("\"unsigned\"");
    assertThat(run("list").out()).contains("found", "unsigned");

    // Damage is found all the same.
    PulledEnsemble note = note("found");
    Files.writeString(folder.resolve("home/fetched").resolve(note.blobs().getFirst()), "x");
    assertThat(run("verify", "found").status()).isEqualTo(8);
  }

  @Test
  void importThenExportThenImportChangesNothing() throws Exception {
    for (Path source : List.of(pixels("pixels"), latents("latents"))) {
      String name = source.getFileName().toString();
      assertThat(run("import", source.toString()).status()).isZero();
      Path out = folder.resolve(name + "-out");
      CommandRun exported = run("export", name, "--out", out.toString());
      assertThat(exported.status()).as(exported.err()).isZero();
      CommandRun imported = run("import", out.toString(), "--name", name + "-2");
      assertThat(imported.status()).as(imported.err()).isZero();
      Path twice = folder.resolve(name + "-twice");
      assertThat(run("export", name + "-2", "--out", twice.toString()).status()).isZero();

      assertThat(Folders.content(twice)).isEqualTo(Folders.content(out));
      assertThat(note(name + "-2")).isEqualTo(note(name));
      assertThat(out.resolve("documents.json")).doesNotExist();
      assertThat(Files.readString(out.resolve("README.md")))
          .contains("**Unsigned**", "license: mit", "small \\[boats\\]\\(http://x\\)");
    }
    assertThat(note("pixels").classNames()).containsExactly("sloop", "ketch");
    PulledEnsemble.Codec codec = requireNonNull(note("latents").codec());
    assertThat(codec.scale()).isEqualTo(0.25);
    assertThat(codec.downsampling()).isEqualTo(2);
  }

  @Test
  void parisIsTakenAndSaidToBeNothingWithoutAText() throws Exception {
    Path source = paris("paris", Map.of("num_heads", 4, "hidden_size", 64, "unheard_of", 7));
    CommandRun imported = run("import", source.toString());
    assertThat(imported.status()).as(imported.err()).isZero();
    assertThat(imported.err())
        .contains(
            "UNSIGNED",
            "text_encoder/ or tokenizer/ is missing",
            "not looked at in config.json: unheard_of");
    assertThat(imported.err()).doesNotContain("skerry sample");
    assertThat(note("paris").experts().getFirst().network()).isEqualTo(EXPERT.toProperties());

    assertThat(run("verify", "paris").status()).isZero();
    CommandRun sampled = run("sample", "paris", "--out", folder.resolve("pictures").toString());
    assertThat(sampled.status()).isEqualTo(8);
    assertThat(sampled.error())
        .contains("paris cannot be sampled from", "without a text encoder", "import a folder");
    assertThat(run("show", "paris").out()).contains("paris-expert", "paris-router", "[0, 3]");
    Path out = folder.resolve("out");
    assertThat(run("export", "paris", "--out", out.toString()).status()).isZero();
    assertThat(Files.readString(out.resolve("README.md"))).contains("text-to-image");
    assertThat(run("import", out.toString(), "--name", "again").status()).isZero();
    assertThat(note("again").experts()).isEqualTo(note("paris").experts());
  }

  @Test
  void parisMustAgreeWithItsWeights() throws Exception {
    refused(
        paris("wrong", Map.of("num_heads", 4, "hidden_size", 65)),
        "expert_1/config.json: hidden_size is 65, and the weights say 64");
    refused(paris("mute", Map.of()), "does not say how many heads there are (num_heads)");
    refused(paris("many", Map.of("num_heads", 3)), "heads 3 does not divide hidden 64");
    refused(
        paris("absurd", Map.of("num_heads", -1)),
        "expert_1/config.json: num_heads is -1, not 1 to");
    refused(
        paris("noise", Map.of("num_heads", 4, "prediction_type", "epsilon")),
        "expert_1/config.json: prediction_type is 'epsilon', not one of");
    Path without = paris("without", Map.of("num_heads", 4));
    Files.move(without.resolve("vae"), folder.resolve("elsewhere"));
    refused(without, "its experts make latents of 4 channels, and vae/ is missing");
  }

  @Test
  void configurationsAreReadStrictly() throws Exception {
    Map<String, Object> good = NetworkJson.write(expert(3).toProperties());
    refused(spoilt("family", good, "family", "gan"), "network family 'gan' is not known");
    refused(spoilt("key", good, "backdoor", true), "expert_0/config.json", "[backdoor]");
    refused(spoilt("number", good, "width", "wide"), "width is 'wide', not a whole number");
    refused(spoilt("list", good, "width", List.of(8)), "width is [8], not a number or a word");
    refused(spoilt("huge", good, "width", 1 << 20), "width 1048576 not in 1..1024");
    refused(spoilt("steering", good, "family", "\u001b[2J"), "network family '?[2J' is not known");
    refused(spoilt("narrow", good, "width", 16), "does not hold this model's weights");
    refused(spoilt("size", good, "imageSize", 32), "sees other images or classes");
    Map<String, Object> lacking = new LinkedHashMap<>(good);
    lacking.remove("levels");
    refused(spoilt("lacking", lacking, "_class_name", "SkerryNetwork"), "lacks 'levels'");
    refused(spoilt("class", good, "_class_name", "Evil"), "_class_name is 'Evil'");
    Path large = pixels("large");
    Files.write(large.resolve("expert_0/config.json"), new byte[(64 << 10) + 1]);
    refused(large, "expert_0/config.json has more than 65536 bytes");
  }

  @Test
  void partsMustFitTogether() throws Exception {
    Path swapped = pixels("swapped");
    Files.move(swapped.resolve("router"), swapped.resolve("expert_2"));
    refused(swapped, "expert_2 is a unet-classifier, which is no expert");

    Path third = pixels("third");
    part(third.resolve("expert_2"), expert(3));
    refused(third, "the router tells 2 experts apart, and there is expert_2");

    Path far = pixels("far");
    Files.move(far.resolve("expert_1"), far.resolve("expert_99999"));
    refused(far, "expert_99999 is beyond the 128");

    Path none = pixels("none");
    Files.move(none.resolve("expert_0"), none.resolve("a"));
    Files.move(none.resolve("expert_1"), none.resolve("b"));
    refused(none, "it has neither expert_0 nor any other expert");

    Path names = pixels("names");
    Files.writeString(names.resolve("class_names.txt"), "sloop\nketch\nyawl\n");
    refused(names, "the names of the classes are not 2 lines");

    Path alone = pixels("alone");
    try (var inside = Files.walk(alone.resolve("router"))) {
      for (Path file : inside.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    CommandRun run = run("import", alone.toString());
    assertThat(run.status()).isZero();
    assertThat(run.err()).contains("without one the experts cannot be mixed");
  }

  @Test
  void nothingOutsideOfTheFolderIsRead() throws Exception {
    for (String file : List.of("expert_0/config.json", WEIGHTS)) {
      Path source = pixels("linked-" + file.length());
      Path outside = folder.resolve("outside-" + file.length());
      Files.move(source.resolve(file), outside);
      Files.createSymbolicLink(source.resolve(file), outside);
      refused(source, file + " is a link that leads out of the folder", "cp -rL");
    }
    Path dangling = pixels("dangling");
    Files.delete(dangling.resolve(WEIGHTS));
    Files.createSymbolicLink(dangling.resolve(WEIGHTS), Path.of("/dev/zero"));
    refused(dangling, WEIGHTS + " is a link that leads out of the folder");

    Path inside = pixels("inside");
    Files.move(inside.resolve(WEIGHTS), inside.resolve("shared.safetensors"));
    Files.createSymbolicLink(inside.resolve(WEIGHTS), inside.resolve("shared.safetensors"));
    assertThat(run("import", inside.toString()).status()).as("a link inside").isZero();
  }

  @Test
  void weightsThatAreNoSafetensorsAreRefused() throws Exception {
    Path pickle = pixels("pickle");
    Files.write(pickle.resolve(WEIGHTS), new byte[] {(byte) 0x80, 2, '}', 'q', 0, '.', 0, 0, 0});
    refused(pickle, "header of");
    Path missing = pixels("missing");
    Files.move(missing.resolve(WEIGHTS), missing.resolve("expert_0/pytorch_model.bin"));
    refused(missing, WEIGHTS + " is missing");
    Path folderThere = pixels("folder");
    Files.delete(folderThere.resolve(WEIGHTS));
    Files.createDirectory(folderThere.resolve(WEIGHTS));
    refused(folderThere, WEIGHTS + " is no file");
  }

  @Test
  void aNameThatIsTakenOrCannotBeIsRefused() throws Exception {
    Path source = pixels("boats");
    assertThat(run("import", source.toString()).status()).isZero();
    CommandRun taken = run("import", Folders.STARTER.toString(), "--name", "boats");
    assertThat(taken.status()).isEqualTo(2);
    assertThat(taken.error()).contains("another ensemble boats", "--name");
    for (String name : List.of("../escape", "", "Boats", "a/b")) {
      CommandRun run = run("import", source.toString(), "--name", name);
      assertThat(run.status()).as(name).isEqualTo(2);
      assertThat(run.error()).contains("cannot be the name", "--name");
    }
    CommandRun nothing = run("import", folder.resolve("nothing").toString());
    assertThat(nothing.status()).isEqualTo(6);
  }

  private static final String WEIGHTS = "expert_0/diffusion_pytorch_model.safetensors";

  private static UNetConfig expert(int channels) {
    return new UNetConfig(channels, 8, 8, 2, 16, 4, 2);
  }

  /** Two experts for pixels, with classes, and a router. */
  private Path pixels(String name) throws IOException {
    Path source = unets(name, 3);
    Files.writeString(source.resolve("class_names.txt"), "sloop\nketch\n");
    return source;
  }

  private Path latents(String name) throws IOException {
    Path source = unets(name, 4);
    codec(source);
    return source;
  }

  private Path unets(String name, int channels) throws IOException {
    Path source = folder.resolve(name);
    part(source.resolve("expert_0"), expert(channels));
    part(source.resolve("expert_1"), expert(channels));
    part(source.resolve("router"), new UNetClassifierConfig(channels, 8, 8, 2, 16, 4, 2));
    Files.writeString(
        source.resolve("model_index.json"),
        """
        {"_class_name": "SkerryEnsemble", "format": 1, "name": "%s",
         "description": "small [boats](http://x)", "licence": "MIT"}
        """
            .formatted(name));
    return source;
  }

  private static void part(Path part, NetworkConfig config) throws IOException {
    Folders.part(
        part,
        NetworkJson.write(config.toProperties()),
        Network.of(config),
        "diffusion_pytorch_model.safetensors",
        part.getFileName().toString().hashCode());
  }

  private static void codec(Path source) throws IOException {
    Folders.part(
        source.resolve("vae"),
        CodecJson.write(CODEC),
        new AutoencoderKl(CODEC),
        "diffusion_pytorch_model.safetensors",
        9);
  }

  /** Two of four experts, and the router under the name that Paris gives it. */
  private Path paris(String name, Map<String, Object> config) throws IOException {
    Path source = folder.resolve(name);
    for (int k : new int[] {1, 2}) {
      Folders.part(
          source.resolve("expert_" + k),
          config,
          new ParisExpert(EXPERT),
          "diffusion_pytorch_model.safetensors",
          k);
    }
    Folders.part(
        source.resolve("router"),
        Map.of("num_heads", 4, "num_clusters", 4, "_diffusers_version", "0.30"),
        new ParisRouter(ROUTER),
        "pytorch_model.safetensors",
        3);
    codec(source);
    return source;
  }

  private Path spoilt(String name, Map<String, Object> good, String key, Object value)
      throws IOException {
    Path source = pixels(name);
    Map<String, Object> config = new LinkedHashMap<>(good);
    config.put(key, value);
    Files.writeString(
        source.resolve("expert_0/config.json"), JsonMapper.shared().writeValueAsString(config));
    return source;
  }

  private void refused(Path source, String... why) {
    CommandRun run = CommandRun.of(folder.resolve("refusing"), "import", source.toString());
    assertThat(run.status()).as(run.err()).isEqualTo(8);
    assertThat(run.error()).contains(why).doesNotContain("\u001b");
    assertThat(folder.resolve("refusing/models")).doesNotExist();
    assertThat(folder.resolve("refusing/fetched")).doesNotExist();
  }

  private PulledEnsemble note(String name) throws IOException {
    return PulledEnsemble.read(folder.resolve("home/models").resolve(name + ".json"));
  }

  private CommandRun run(String... arguments) {
    return CommandRun.of(folder.resolve("home"), arguments);
  }
}
