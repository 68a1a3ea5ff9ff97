package org.skerry.node.ensemble.folder;

import java.util.List;
import org.skerry.node.ensemble.PulledEnsemble;

/**
 * Names in the folder of an ensemble:
 *
 * <pre>
 * README.md               for people and for the hub: front matter and model card
 * model_index.json        what the ensemble is
 * documents.json          the signed documents; without it, the folder is unsigned
 * class_names.txt         one a line, where classes have names
 * expert_K/config.json    the network, and beside it the weights, for every partition K with an expert
 * router/config.json      likewise
 * vae/config.json         likewise, where experts make latents
 * text_encoder/config.json  likewise, where experts look at a text; its weights are model.safetensors
 * tokenizer/              the files of the text encoder's tokenizer
 * sheets/partition_K.png  what is in a partition
 * </pre>
 */
final class Layout {
  static final String CARD = "README.md";
  static final String INDEX = "model_index.json";
  static final String DOCUMENTS = "documents.json";
  static final String CLASS_NAMES = "class_names.txt";
  static final String ROUTER = "router";
  static final String CODEC = "vae";
  static final String TEXT_ENCODER = "text_encoder";
  static final String TOKENIZER = "tokenizer";
  static final String EXPERT = "expert_";
  static final String CONFIG = "config.json";
  static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

  static final String TEXT_WEIGHTS = "model.safetensors";

  /** What weights may be called, the usual name first; the router of Paris has the other. */
  static final List<String> WEIGHTS_NAMES = List.of(WEIGHTS, "pytorch_model.safetensors");

  /** What {@code model_index.json} says that this program wrote. */
  static final String INDEX_CLASS = "SkerryEnsemble";

  /** Of the layout; a reader of another one must not guess. */
  static final int FORMAT = 1;

  private Layout() {}

  static String part(PulledEnsemble.Member member) {
    return member.partition() < 0 ? ROUTER : EXPERT + member.partition();
  }

  static String sheet(int partition) {
    return "sheets/partition_" + partition + ".png";
  }
}
