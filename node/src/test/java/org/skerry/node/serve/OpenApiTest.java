package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.skerry.node.generate.PictureRequest;
import org.skerry.router.Solver;
import tools.jackson.databind.JsonNode;

/** The description agrees with itself and with the limits in the code. */
class OpenApiTest {
  private final JsonNode document = OpenApi.document();

  @Test
  void everyReferenceLeadsSomewhereAndEveryComponentIsReferredTo() {
    List<String> references = document.findValuesAsString("$ref").stream().distinct().toList();
    assertThat(references).isNotEmpty();
    for (String reference : references) {
      assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
    for (String kind : List.of("schemas", "responses")) {
      for (String name : document.path("components").path(kind).propertyNames()) {
        assertThat(references).contains("#/components/" + kind + "/" + name);
      }
    }
  }

  @Test
  void everyOperationHasItsOwnIdATagAndParametersForItsPath() {
    Set<String> ids = new HashSet<>();
    document
        .path("paths")
        .properties()
        .forEach(path -> {
          List<String> named =
              path.getValue().findValues("in").stream().map(JsonNode::asString).toList();
          long inPath = path.getKey().chars().filter(c -> c == '{').count();
          assertThat(named.stream().filter("path"::equals)).as(path.getKey()).hasSize((int) inPath);
          for (String id : path.getValue().findValuesAsString("operationId")) {
            assertThat(ids.add(id)).as(id).isTrue();
          }
        });
    assertThat(ids).hasSize(OpenApi.calls().size());
  }

  @Test
  void limitsAreThoseOfTheCode() {
    JsonNode job = document.at("/components/schemas/JobRequest/properties");
    assertThat(job.path("count").path("maximum").asInt()).isEqualTo(PictureRequest.MAX_COUNT);
    assertThat(job.path("steps").path("maximum").asInt()).isEqualTo(PictureRequest.MAX_STEPS);
    assertThat(job.path("prompt").path("maxLength").asInt()).isEqualTo(PictureRequest.MAX_PROMPT);
    assertThat(job.path("width").path("maximum").asInt()).isEqualTo(Planner.MAX_SIDE);
    PictureRequest usual = PictureRequest.of("x").build();
    assertThat(job.path("steps").path("default").asInt()).isEqualTo(usual.steps());
    assertThat(job.path("shift").path("default").asDouble()).isEqualTo(usual.shift());
    assertThat(job.path("solver").path("default").asString()).isEqualTo(usual.solver());
    assertThat(job.path("strategy").path("default").asString()).isEqualTo(usual.strategy());
    assertThat(job.path("guidance").path("default").asDouble()).isEqualTo(usual.guidance());
    assertThat(job.path("temperature").path("default").asDouble()).isEqualTo(usual.temperature());
    for (Solver solver : Solver.values()) {
      assertThat(job.path("solver").path("enum").toString()).contains(solver.text());
    }
  }
}
