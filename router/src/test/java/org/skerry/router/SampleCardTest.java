package org.skerry.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SampleCardTest {
  /** With which the web UI itself and the sites that show its pictures read the last line. */
  private static final Pattern A1111 =
      Pattern.compile("\\s*(\\w[\\w \\-/]+):\\s*(\"(?:\\\\.|[^\\\\\"])+\"|[^,]*)(?:,|$)");

  private static SampleCard card(
      String model, @Nullable Double guidance, SampleCard.@Nullable Start start) {
    return new SampleCard(
        "bafyTask",
        model,
        Map.of("0", "bafyA", "router", "bafyR"),
        "top-2",
        0.5,
        "dpm-2m",
        20,
        3,
        guidance == null ? null : 7,
        guidance,
        -7,
        3,
        start,
        new ImageRouting(List.of(1, 1, 0), List.of(0.25, 0.75)));
  }

  @Test
  void aCardComesBackFromItsJson() {
    SampleCard all = card("coast", 2.5, new SampleCard.Start(0.6, "ab"));
    assertThat(SampleCard.parse(all.json())).isEqualTo(all);
    SampleCard few = card("coast", null, null);
    assertThat(SampleCard.parse(few.json())).isEqualTo(few);
    assertThat(few.json()).doesNotContain("null", "guidance", "modelHash");
    assertThat(all.json()).contains("\"class\":7", "\"leading\":[1,1,0]");
  }

  @Test
  void whatIsNewerIsPassedOver() {
    SampleCard few = card("coast", null, null);
    assertThat(SampleCard.parse(few.json().replaceFirst("\\{", "{\"moon\":\"full\",")))
        .isEqualTo(few);
  }

  @Test
  void damagedCardsAreRefused() {
    String good = card("coast", 2.5, null).json();
    for (String bad :
        List.of(
            "",
            "{}",
            good.substring(1),
            good.replace("\"seed\":-7,", ""),
            good.replace("top-2", "top-0"),
            good.replace("\"steps\":20", "\"steps\":0"),
            good.replace("\"model\":\"coast\"", "\"model\":null"))) {
      assertThatThrownBy(() -> SampleCard.parse(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("card is damaged");
    }
  }

  @Test
  void theSameWeightsHaveTheSameHash() {
    assertThat(card("a", null, null).modelHash())
        .matches("[0-9a-f]{10}")
        .isEqualTo(card("b", 2.0, null).modelHash());
  }

  @Test
  void readersOfTheWebUisTextFindEverySetting() {
    SampleCard card = card("coast, \"by\": night", 7.0, new SampleCard.Start(0.6, "ab"));
    String text = new InfoText("a (ship:1.2), at sea\nand waves", "rain", card, 256).text();
    String[] lines = text.split("\n");
    assertThat(lines)
        .startsWith("a (ship:1.2), at sea", "and waves", "Negative prompt: rain")
        .hasSize(4);
    assertThat(settings(lines[3]))
        .containsEntry("Steps", "20")
        .containsEntry("Sampler", "DPM++ 2M")
        .containsEntry("CFG scale", "7")
        .containsEntry("Seed", "-7")
        .containsEntry("Size", "256x256")
        .containsEntry("Model hash", card.modelHash())
        .containsEntry("Model", "\"coast, \\\"by\\\": night\"")
        .containsEntry("Denoising strength", "0.6")
        .containsEntry("Image index", "3")
        .containsEntry("Version", "Skerry");
    assertThat(settings(lines[3]).keySet())
        .startsWith("Steps", "Sampler", "CFG scale", "Seed", "Size", "Model hash", "Model");
  }

  @Test
  void withoutAPromptTheTextIsTheSettingsAlone() {
    assertThat(new InfoText("", "", card("coast", null, null), 32).text())
        .startsWith("Steps: 20, Sampler: DPM++ 2M, CFG scale: 1, Seed: -7, Size: 32x32, Model hash")
        .doesNotContain("\n", "Denoising");
  }

  private static Map<String, String> settings(String line) {
    Map<String, String> out = new LinkedHashMap<>();
    Matcher matcher = A1111.matcher(line);
    while (matcher.find()) {
      out.put(matcher.group(1), matcher.group(2));
    }
    return out;
  }
}
