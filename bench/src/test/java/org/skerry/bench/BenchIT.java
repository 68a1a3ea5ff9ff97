package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.trainer.DurableFiles;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.dataset.ShardWriter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class BenchIT {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... arguments) throws Exception {
    return Bench.run(
        List.of(arguments), new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
  }

  @Test
  void listsItsBenchmarksWithTheirOptions() throws Exception {
    assertThat(run()).isZero();
    assertThat(out.toString(UTF_8).lines())
        .satisfiesExactly(
            stream -> assertThat(stream).startsWith("stream ").contains("--mib=1024 --rounds=3"),
            handshake -> assertThat(handshake).startsWith("handshake ").contains("--rounds=3"),
            blob -> assertThat(blob).startsWith("blob ").contains("--mib=1024 --rounds=3"),
            dht -> assertThat(dht).startsWith("dht-sim ").contains("--nodes=10000"),
            store -> assertThat(store).startsWith("dht-store ").contains("--records=1000000"),
            cluster -> assertThat(cluster).startsWith("cluster ").contains("--images=50000"),
            loader -> assertThat(loader).startsWith("loader ").contains("--path=builtin"),
            step -> assertThat(step).startsWith("train-step ").contains("--models=S,B"),
            stall -> assertThat(stall).startsWith("checkpoint-stall ").contains("--seconds=30"),
            ensemble -> assertThat(ensemble).startsWith("ensemble ").contains("--experts=8"),
            ddm -> assertThat(ddm).startsWith("ddm-vs-monolith ").contains("--runs=3"));
  }

  @Test
  void refusesAnUnknownBenchmarkOrOptionInOneLine() throws Exception {
    assertThat(run("flights")).isEqualTo(2);
    assertThat(run("stream", "--rounds=0")).isEqualTo(2);
    assertThat(run("stream", "--speed=1")).isEqualTo(2);
    assertThat(err.toString(UTF_8).lines())
        .hasSize(3)
        .allMatch(line -> line.startsWith("error: "))
        .anyMatch(line -> line.contains("'flights'"))
        .anyMatch(line -> line.contains("'--rounds=0'"))
        .anyMatch(line -> line.contains("'--speed=1'"));
  }

  @Test
  void loaderMeasuresRatesAndWaiting() throws Exception {
    assertThat(run("loader", "--images=64", "--rounds=1", "--batch=4", "--steps=2")).isZero();
    JsonNode json =
        JsonMapper.builder().build().readTree(out.toString(UTF_8).lines().toList().getLast());
    assertThat(json.get("images_per_second_per_core").asDouble()).isPositive();
    assertThat(json.get("plain_decode_per_second_per_core").asDouble()).isPositive();
    assertThat(json.get("data_wait_fraction").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void anEnsembleStaysWithinMemoryForTwoExperts() throws Exception {
    assertThat(run("ensemble", "--experts=3", "--images=3", "--steps=1", "--rounds=1")).isZero();
    JsonNode json =
        JsonMapper.builder().build().readTree(out.toString(UTF_8).lines().toList().getLast());
    assertThat(json.get("top1_over_single").asDouble()).isPositive();
    assertThat(json.get("top1_over_single_two_in_memory").asDouble()).isPositive();
    assertThat(json.get("parameters").asLong()).isGreaterThan(30_000_000);
    assertThat(json.get("two_in_memory_bytes").asLong())
        .isLessThanOrEqualTo(2 * 4 * json.get("parameters").asLong());
    assertThat(json.get("two_in_memory_loads").asInt()).isGreaterThan(3);
  }

  @Test
  void theExperimentMeasuresBothSidesAndGoesOnFromWhatIsThere(@TempDir Path folder)
      throws Exception {
    Path pictures = folder.resolve("pictures.tar");
    ShardWriter.writeSingle(BuiltInPictures.generate(300, 8, 1), pictures);
    String[] small = {
      "ddm-vs-monolith",
      "--path=" + pictures,
      "--out=" + folder,
      "--size=8",
      "--experts=2",
      "--runs=2",
      "--steps=4",
      "--batch=8",
      "--samples=4",
      "--measured=8"
    };
    assertThat(run(small)).isZero();
    String first = out.toString(UTF_8).lines().toList().getLast();
    JsonNode json = JsonMapper.builder().build().readTree(first);
    for (String side : List.of("monolith", "oracle", "top1", "top2", "full")) {
      assertThat(json.get("loss_" + side).asDouble()).as(side).isBetween(0.1, 3.0);
    }
    for (String side : List.of("monolith", "top1", "top2", "full", "floor")) {
      assertThat(json.get("frechet_" + side).asDouble()).as(side).isPositive();
    }
    assertThat(json.get("correlation_same_noise_top1").asDouble())
        .isGreaterThan(json.get("correlation_other_noise_top1").asDouble());
    for (String chart : List.of("loss-by-noise-level", "router-accuracy", "frechet")) {
      assertThat(ImageIO.read(folder.resolve(chart + ".png").toFile()).getWidth()).isEqualTo(800);
    }
    DurableFiles.deleteTree(folder.resolve("run-2"));
    assertThat(run(small)).isZero();
    assertThat(out.toString(UTF_8).lines().toList().getLast()).isEqualTo(first);
  }

  @Test
  void streamEndsWithOneJsonObject() throws Exception {
    assertThat(run("stream", "--mib=8", "--rounds=1", "--streams=2")).isZero();
    variants("stream");
  }

  @Test
  void handshakesAreCountedAndOpenConnectionsWeighed() throws Exception {
    assertThat(run("handshake", "--handshakes=20", "--rounds=1", "--connections=50")).isZero();
    JsonNode json =
        JsonMapper.builder().build().readTree(out.toString(UTF_8).lines().toList().getLast());
    assertThat(json.get("handshakes_per_second").asDouble()).isPositive();
    assertThat(json.get("handshakes_per_second_noise").asDouble()).isPositive();
    assertThat(json.get("variants").size()).isGreaterThanOrEqualTo(2);
    for (JsonNode variant : json.get("variants")) {
      assertThat(variant.get("handshakes_per_second").asDouble()).isPositive();
    }
    assertThat(json.get("mib_at_50_connections").asDouble())
        .isGreaterThan(json.get("mib_without_connections").asDouble())
        .isLessThan(512);
  }

  @Test
  void blobComparesWithItsPartsAndWithWhoElseIsInstalled() throws Exception {
    assertThat(run("blob", "--mib=8", "--rounds=1", "--small=20")).isZero();
    JsonNode json = variants("blob");
    assertThat(json.get("over_stream").asDouble()).isPositive();
    assertThat(json.get("cpu_over_parts").asDouble()).isPositive();
    assertThat(json.get("four_source_fraction").asDouble()).isPositive();
    assertThat(json.get("small_blobs_per_minute").asDouble()).isPositive();
    assertThat(json.has("over_libtorrent")).isEqualTo(json.get("variants").has("libtorrent-v2"));
  }

  private JsonNode variants(String name) {
    List<String> lines = out.toString(UTF_8).lines().toList();
    JsonNode json = JsonMapper.builder().build().readTree(lines.getLast());
    assertThat(json.get("benchmark").asString()).isEqualTo(name);
    assertThat(json.get("options").get("mib").asInt()).isEqualTo(8);
    assertThat(json.get("variants")).hasSize(lines.size() - 2);
    for (JsonNode variant : json.get("variants")) {
      assertThat(variant.get("mib_per_second").asDouble()).isPositive();
      assertThat(variant.get("cpu_seconds_per_gib").asDouble()).isPositive();
    }
    return json;
  }

  @Test
  void clusterSaysHowMuchFasterItIsAndThatItIsNoWorse() throws Exception {
    assertThat(run("cluster", "--points=300", "--medoids=20", "--images=2000", "--rounds=1"))
        .isZero();
    List<String> lines = out.toString(UTF_8).lines().toList();
    JsonNode json = JsonMapper.builder().build().readTree(lines.getLast());
    assertThat(lines).hasSize(6);
    assertThat(json.get("fasterpam_speedup").asDouble()).isGreaterThan(1);
    assertThat(json.get("fasterpam_loss_over_pam").asDouble()).isBetween(0.9, 1.1);
    assertThat(json.get("kmeans_seconds").asDouble()).isPositive();
  }

  @Test
  void aRecordStoreStartsOnAllItHoldsAndKeepsNothingOfItOnTheHeap() throws Exception {
    assertThat(run("dht-store", "--records=20000")).isZero();
    JsonNode json =
        JsonMapper.builder().build().readTree(out.toString(UTF_8).lines().toList().getLast());
    assertThat(json.get("startup_seconds_million_values").asDouble()).isPositive();
    assertThat(json.get("startup_seconds_million_providers").asDouble()).isPositive();
    assertThat(json.get("heap_bytes_per_value").asDouble()).isLessThan(100);
    assertThat(json.get("heap_bytes_per_provider").asDouble()).isLessThan(300);
  }

  @Test
  void aSimulatedNetworkHoldsWhatIsAskedOfIt() throws Exception {
    assertThat(
            run(
                "dht-sim",
                "--nodes=60",
                "--seeds=1",
                "--reads=40",
                "--values=20",
                "--churn=5",
                "--attackers=30",
                "--starts=2",
                "--start-nodes=30",
                "--units=8"))
        .isZero();
    List<String> lines = out.toString(UTF_8).lines().toList();
    JsonNode json = JsonMapper.builder().build().readTree(lines.getLast());
    assertThat(json.get("median_hops").asDouble()).isBetween(1.0, 4.0);
    for (String figure : List.of("", "_churn", "_after_30", "_after_50")) {
      JsonNode found = json.get("lookup_success" + figure);
      assertThat(found.get("found").asDouble()).as(figure).isEqualTo(1);
      assertThat(found.get("at_least").asDouble()).as(figure).isBetween(0.9, 0.999);
    }
    assertThat(json.get("eclipse_nearest_attackers_among_20_closest").asDouble()).isGreaterThan(18);
    assertThat(json.get("eclipse_found").get("found").asDouble()).isEqualTo(1);
    assertThat(json.get("forged_accepted").asInt()).isZero();
    assertThat(json.get("starts_split").asInt()).isZero();
    assertThat(json.get("claims_exact").asDouble()).isEqualTo(1);
  }
}
