package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Programs that people have already, against a real {@code skerry serve}. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
final class ImageClientsIT {
  private static final Path COMFYUI = Path.of("comfyui");

  @TempDir static Path folder;
  private static SkerryServe server;

  @BeforeAll
  static void start() throws Exception {
    server = SkerryServe.start(Files.createDirectories(folder.resolve("home")));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  /** What the client says at its end, which is a success. */
  private static JsonNode run(Path in, String... command) throws Exception {
    File out = Files.createTempFile(folder, "client", ".out").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(in.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out);
    builder
        .environment()
        .putAll(
            Map.of(
                "SKERRY_URL",
                server.address(),
                "SKERRY_TOKEN",
                SkerryServe.TOKEN,
                "PYTHONDONTWRITEBYTECODE",
                "1"));
    Process process = builder.start();
    assertThat(process.waitFor(200, TimeUnit.SECONDS)).as(List.of(command).toString()).isTrue();
    String said = Files.readString(out.toPath());
    assertThat(process.exitValue()).as(said).isZero();
    return JsonMapper.shared().readTree(said.strip().lines().toList().getLast());
  }

  private static JsonNode node(String script) throws Exception {
    return run(JsPeer.FOLDER, "node", script, server.address(), SkerryServe.TOKEN);
  }

  @Test
  void openAisPackageMakesPicturesAndUnderstandsErrors() throws Exception {
    JsonNode said = node("openai.mjs");
    assertThat(said.path("models").path(0).asString()).isEqualTo("starter");
    assertThat(said.path("width").asInt()).isEqualTo(64);
  }

  @Test
  void sillyTavernConnectsPicksAModelGeneratesAndInterrupts() throws Exception {
    JsonNode said = node("sillytavern.mjs");
    assertThat(said.path("models").path(0).asString()).isEqualTo("starter");
    assertThat(said.path("width").asInt()).isEqualTo(512);
  }

  @Test
  void aParserOfOpenApiDocumentsFindsNoFault() throws Exception {
    assertThat(node("openapi.mjs").path("paths").asInt()).isGreaterThan(20);
  }

  @Test
  void comfyUisNodeIsFoundAndMakesPictures() throws Exception {
    JsonNode said = run(COMFYUI, "python3", "stand_in.py");
    assertThat(said.path("count").asInt()).isEqualTo(3);
    assertThat(said.path("width").asInt()).isEqualTo(64);
    assertThat(said.path("notes").asString()).contains("the model makes 16 × 16");
  }
}
