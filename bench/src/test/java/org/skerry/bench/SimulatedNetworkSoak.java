package org.skerry.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What ten thousand nodes promise, with the lower end of the 95 % interval where a share is
 * promised. It takes hours; {@code -Dskerry.nodes=500 -Dskerry.seeds=2} tries it.
 */
class SimulatedNetworkSoak {
  @Test
  void tenThousandNodesKeepTheirPromises() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int status =
        Bench.run(
            List.of(
                "dht-sim",
                "--nodes=" + Integer.getInteger("skerry.nodes", 10_000),
                "--seeds=" + Integer.getInteger("skerry.seeds", 5),
                "--starts=" + Integer.getInteger("skerry.starts", 200)),
            new PrintStream(out, true, UTF_8),
            System.err);
    System.out.println(out.toString(UTF_8));
    assertThat(status).isZero();
    JsonNode json =
        JsonMapper.builder().build().readTree(out.toString(UTF_8).lines().toList().getLast());
    assertThat(json.get("median_hops").asDouble())
        .isLessThanOrEqualTo(json.get("log2_nodes_over_k").asDouble());
    assertThat(json.get("lookup_success").get("found").asDouble()).isEqualTo(1);
    assertShare(json, "lookup_success_churn", 0.999);
    assertShare(json, "lookup_success_after_30", 0.999);
    assertShare(json, "lookup_success_after_50", 0.99);
    assertThat(json.get("eclipse_nearest_attackers_among_20_closest").asDouble()).isGreaterThan(18);
    assertShare(json, "eclipse_found", 0.99);
    assertThat(json.get("forged_accepted").asInt()).isZero();
    assertThat(json.get("starts_split").asInt()).isZero();
    assertThat(json.get("claims_exact").asDouble()).isEqualTo(1);
    assertThat(json.get("crowd_exact").asDouble()).isEqualTo(1);
    assertThat(json.get("crowd_useful").asDouble()).isGreaterThanOrEqualTo(0.8);
  }

  private static void assertShare(JsonNode json, String figure, double promised) {
    assertThat(json.get(figure).get("at_least").asDouble())
        .as("%s: %s", figure, json.get(figure))
        .isGreaterThanOrEqualTo(promised);
  }
}
