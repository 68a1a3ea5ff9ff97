package org.skerry.node.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.skerry.diffusion.Network;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.UNetConfig;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.home.SkerryHome;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;

/** {@code skerry serve} in a process of its own, and a client of it. */
final class ServeProcess implements AutoCloseable {
  private static final UNetConfig NETWORK = new UNetConfig(3, 16, 8, 2, 16, 4, 0);

  final Process process;
  final String address;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private ServeProcess(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /** Puts a model of 16 × 16 pictures that knows nothing yet into {@code home}. */
  @SuppressWarnings("NullAway") // which overlooks that the proof of a class file may be null
  static void shelve(Path home) throws IOException {
    SkerryHome skerry = new SkerryHome(home);
    Path made = Files.createDirectories(skerry.fetched()).resolve("made");
    new Safetensors(Parameters.initialTensors(Network.of(NETWORK), 1), Map.of()).write(made);
    BlobId blob = MerkleTree.of(Files.readAllBytes(made)).head().id();
    Files.move(made, skerry.fetched().resolve(blob.toString()));
    PulledEnsemble.Member expert =
        new PulledEnsemble.Member(
            0, "expert", NETWORK.toProperties(), blob.toString(), "m", "a", 1, 0.5, true);
    new PulledEnsemble(
            "t",
            "waves",
            "p",
            "",
            "CC0",
            16,
            3,
            List.of(10L),
            List.of(expert),
            null,
            null,
            null,
            null)
        .write(skerry.model("waves"));
  }

  static ServeProcess start(Path home, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add("org.skerry.node.cli.Main");
    command.addAll(List.of("serve", "--threads", "1", "--port", "0", "--home", home.toString()));
    command.addAll(List.of(options));
    Path errors = home.resolve("serve.err");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    BufferedReader out = process.inputReader();
    // The logging of tests may have something to say before.
    String address = out.readLine();
    while (address != null && !address.startsWith("http://")) {
      address = out.readLine();
    }
    if (address == null) {
      throw new IOException("skerry serve ended: " + Files.readString(errors));
    }
    return new ServeProcess(process, address);
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(address + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  CompletableFuture<HttpResponse<String>> post(String path, String body) {
    return client.sendAsync(
        HttpRequest.newBuilder(URI.create(address + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** As the kernel does it when memory is short. */
  void kill() {
    process.destroyForcibly();
    try {
      process.waitFor(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    kill();
    client.shutdownNow();
  }
}
