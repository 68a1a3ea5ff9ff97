package org.skerry.node.ensemble.folder;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.skerry.node.ensemble.ModelCard;
import org.skerry.node.ensemble.PulledEnsemble;
import tools.jackson.databind.json.JsonMapper;

/**
 * The README of an exported ensemble: front matter as the hub reads it, and a card for people. It
 * is a function of the ensemble alone.
 */
final class CardText {
  /** Licences that the hub knows, by the names it knows them by. */
  private static final Set<String> LICENCES =
      Set.of(
          "apache-2.0",
          "mit",
          "openrail",
          "bsd-2-clause",
          "bsd-3-clause",
          "cc",
          "cc0-1.0",
          "cc-by-2.0",
          "cc-by-3.0",
          "cc-by-4.0",
          "cc-by-sa-3.0",
          "cc-by-sa-4.0",
          "cc-by-nc-4.0",
          "cc-by-nc-sa-4.0",
          "cc-by-nd-4.0",
          "gpl-3.0",
          "agpl-3.0",
          "lgpl-3.0",
          "mpl-2.0",
          "unlicense",
          "pddl",
          "odc-by",
          "openrail++",
          "creativeml-openrail-m");

  private static final String SPECIAL = "\\`*_{}[]<>()#!|";
  private static final JsonMapper JSON = JsonMapper.shared();

  private final PulledEnsemble ensemble;
  private final ModelCard card;
  private final boolean sheets;
  private final List<String> out = new ArrayList<>();

  private CardText(PulledEnsemble ensemble, ModelCard card, boolean sheets) {
    this.ensemble = ensemble;
    this.card = card;
    this.sheets = sheets;
  }

  /**
   * The text.
   *
   * @param sheets whether pictures of all partitions are in the folder
   */
  static String of(PulledEnsemble ensemble, ModelCard card, boolean sheets) {
    return new CardText(ensemble, card, sheets).text();
  }

  private String text() {
    frontMatter();
    about();
    use();
    parts();
    if (sheets) {
      partitions();
    }
    return String.join("\n", out) + "\n";
  }

  private void frontMatter() {
    out.add("---");
    String licence = ensemble.licence().toLowerCase(Locale.ROOT);
    if (LICENCES.contains(licence)) {
      out.add("license: " + licence);
    } else {
      out.add("license: other");
      out.add("license_name: " + quoted(ensemble.licence()));
    }
    out.add("library_name: skerry");
    out.add("pipeline_tag: " + task());
    out.add("tags:");
    for (String tag : List.of("diffusion", "flow-matching", "decentralized", "multi-expert")) {
      out.add("- " + tag);
    }
    out.add("skerry:");
    out.add("  task: " + quoted(ensemble.task()));
    out.add("  publisher: " + quoted(ensemble.publisher()));
    out.add("  parts:");
    for (int i = 0; i < card.parts().size(); i++) {
      frontMatter(Layout.part(ensemble.members().get(i)), card.parts().get(i));
    }
    out.add("---");
  }

  private String task() {
    return ensemble.needsText() ? "text-to-image" : "unconditional-image-generation";
  }

  private void frontMatter(String name, ModelCard.Part part) {
    out.add("  - name: " + name);
    out.add("    family: " + quoted(part.family()));
    out.add("    author: " + quoted(part.author()));
    out.add("    manifest: " + quoted(part.manifest()));
    if (ensemble.unsigned()) {
      return;
    }
    out.add("    images: " + part.images());
    out.add("    steps: " + part.step());
    out.add("    training_loss: " + number(part.trainLoss()));
    out.add("    held_out_loss: " + number(part.validationLoss()));
    out.add("    attestations:" + (part.words().isEmpty() ? " []" : ""));
    for (ModelCard.Word word : part.words()) {
      out.add("    - evaluator: " + quoted(word.evaluator()));
      out.add("      accepted: " + word.accepted());
      out.add("      public_loss: " + number(word.publicLoss()));
      out.add("      secret_loss: " + number(word.secretLoss()));
    }
  }

  private void about() {
    out.add("");
    out.add("# " + escaped(ensemble.name()));
    out.add("");
    if (!ensemble.description().isBlank()) {
      out.add(escaped(ensemble.description().replace('\n', ' ')));
      out.add("");
    }
    out.add(
        "A decentralized diffusion model ([arXiv 2501.05450](https://arxiv.org/abs/2501.05450)): each"
            + " expert learned one partition of the data by itself, and a router mixes them. "
            + "%d of %d experts%s, licence %s."
                .formatted(
                    ensemble.experts().size(),
                    ensemble.partitions(),
                    ensemble.routerIfPresent().isPresent() ? " and the router" : ", no router",
                    escaped(ensemble.licence())));
    if (ensemble.unsigned()) {
      out.add("");
      out.add(
          "**Unsigned**: no document says who made these weights, of what, or how good they are.");
    }
  }

  private void use() {
    out.add("");
    out.add("```");
    out.add("skerry import DIR --name NAME   # checks every byte and signature, without a network");
    out.add("skerry sample NAME");
    out.add("```");
    out.add("");
    out.add(
        ensemble.unsigned()
            ? "Weights are safetensors, the bytes that were imported."
            : "Weights are safetensors, the bytes that were signed for; `documents.json` holds the"
                + " documents. They show who signed and who measured what; they cannot show that"
                + " weights are free of planted behaviour.");
  }

  private void parts() {
    out.add("");
    if (ensemble.unsigned()) {
      out.add("| Part | Network |");
      out.add("|---|---|");
    } else {
      out.add("| Part | Network | Images | Steps | Loss in training | On secret images | Author |");
      out.add("|---|---|---|---|---|---|---|");
    }
    for (int i = 0; i < card.parts().size(); i++) {
      ModelCard.Part part = card.parts().get(i);
      String name = Layout.part(ensemble.members().get(i));
      out.add(
          ensemble.unsigned()
              ? "| `%s` | %s |".formatted(name, escaped(part.family()))
              : "| `%s` | %s | %d | %d | %s | %s | `…%s` |"
                  .formatted(
                      name,
                      escaped(part.family()),
                      part.images(),
                      part.step(),
                      number(part.trainLoss()),
                      number(ensemble.members().get(i).secretLoss()),
                      part.author().substring(Math.max(0, part.author().length() - 8))));
    }
    if (!card.missing().isEmpty()) {
      out.add("");
      out.add("Nobody has trained partition " + card.missing() + " yet; the others do without.");
    }
  }

  private void partitions() {
    out.add("");
    out.add("## What is in the partitions");
    for (int partition = 0; partition < ensemble.partitions(); partition++) {
      out.add("");
      out.add(
          "Partition %d, %d images:"
              .formatted(partition, ensemble.samplesPerPartition().get(partition)));
      out.add("");
      out.add("![partition %d](%s)".formatted(partition, Layout.sheet(partition)));
    }
  }

  private static String number(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.4f", value) : "null";
  }

  /** A JSON string is a YAML string. */
  private static String quoted(String text) {
    return JSON.writeValueAsString(text);
  }

  /** Words from others must not become links, pictures or code. */
  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          if (SPECIAL.indexOf(c) >= 0) {
            escaped.append('\\');
          }
          escaped.appendCodePoint(c);
        });
    return escaped.toString();
  }
}
