package org.skerry.node.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.skerry.diffusion.ClipTextConfig;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.ensemble.PulledEnsemble;

/** What a call comes to where the model reads prompts. */
class TextPlanTest {
  @Test
  void promptsAndTheirGuidanceReachTheRequestAndAClassIsIgnored() throws Exception {
    Plan plan = plan("{}", OptionalDouble.empty());
    assertThat(plan.request().prompt()).isEqualTo("a ship");
    assertThat(plan.request().negativePrompt()).isEqualTo("rain");
    assertThat(plan.request().guidance()).isEqualTo(7.5);
    assertThat(plan.request().label()).isNull();
    assertThat(plan.warnings()).isEmpty();

    Plan told = plan("{\"class\": 3}", OptionalDouble.of(2));
    assertThat(told.request().guidance()).isEqualTo(2);
    assertThat(told.request().label()).isNull();
    assertThat(told.warnings())
        .containsExactly("the model reads prompts and knows no classes: the class is ignored");
  }

  private static Plan plan(String body, OptionalDouble guidance) throws Exception {
    Planner.Wish wish =
        new Planner.Wish(
            new ModelShelf.Model("paris", Path.of("paris.json"), paris()),
            "a ship",
            "rain",
            1,
            Optional.empty(),
            guidance,
            Optional.empty(),
            Optional.empty());
    return new Planner(new Random(1))
        .plan(wish, Fields.parse(body.getBytes(StandardCharsets.UTF_8)));
  }

  @SuppressWarnings("NullAway") // which overlooks that the proof of a class file may be null
  private static PulledEnsemble paris() {
    PulledEnsemble.Member expert =
        new PulledEnsemble.Member(
            0,
            "expert",
            new ParisExpertConfig(4, 8, 2, 64, 2, 4, 256, 768).toProperties(),
            "b",
            "m",
            "a",
            0,
            Double.NaN,
            false);
    return new PulledEnsemble(
        PulledEnsemble.UNSIGNED,
        "paris",
        PulledEnsemble.UNSIGNED,
        "",
        "",
        8,
        4,
        List.of(0L),
        List.of(expert),
        null,
        null,
        new PulledEnsemble.Codec("v", 0.18215, 8),
        null,
        new PulledEnsemble.Text(
            ClipTextConfig.vitL14().toProperties(), "t", Map.of("tokenizer.json", "j")));
  }
}
