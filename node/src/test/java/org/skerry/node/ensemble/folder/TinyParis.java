package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.skerry.diffusion.AutoencoderKl;
import org.skerry.diffusion.AutoencoderKlConfig;
import org.skerry.diffusion.ClipTextConfig;
import org.skerry.diffusion.ClipTextEncoder;
import org.skerry.diffusion.Model;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.ParisExpert;
import org.skerry.diffusion.ParisExpertConfig;
import org.skerry.diffusion.ParisRouter;
import org.skerry.diffusion.ParisRouterConfig;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import tools.jackson.databind.json.JsonMapper;

/**
 * A folder in the layout of Paris, with everything that makes pictures of prompts: two experts, a
 * router, an autoencoder, a text encoder, and the tokenizer as CLIP's older folders have it. The
 * weights mean nothing, but every one has its say.
 */
public final class TinyParis {
  public static final ClipTextConfig TEXT =
      new ClipTextConfig(190, 16, 32, 2, 4, 64, ClipTextConfig.Activation.QUICK_GELU);

  private static final ParisExpertConfig EXPERT = new ParisExpertConfig(4, 8, 2, 64, 2, 4, 256, 32);
  private static final ParisRouterConfig ROUTER = new ParisRouterConfig(4, 8, 2, 48, 2, 4, 192, 2);
  private static final AutoencoderKlConfig CODEC =
      new AutoencoderKlConfig(3, 4, List.of(32, 32), 1, 32, 0.25);

  private TinyParis() {}

  /** Writes the folder. */
  public static Path write(Path folder) throws IOException {
    String usual = "diffusion_pytorch_model.safetensors";
    for (int k = 0; k < 2; k++) {
      part(
          folder.resolve("expert_" + k), Map.of("num_heads", 4), new ParisExpert(EXPERT), usual, k);
    }
    part(
        folder.resolve("router"),
        Map.of("num_heads", 4),
        new ParisRouter(ROUTER),
        "pytorch_model.safetensors",
        3);
    part(folder.resolve("vae"), CodecJson.write(CODEC), new AutoencoderKl(CODEC), usual, 4);
    encoder(folder.resolve("text_encoder"));
    tokenizer(Files.createDirectories(folder.resolve("tokenizer")));
    return folder;
  }

  /** Writes a folder with its text encoder and tokenizer alone, side by side. */
  public static Path writeTextEncoder(Path folder) throws IOException {
    encoder(folder);
    tokenizer(folder);
    return folder;
  }

  private static void encoder(Path folder) throws IOException {
    part(
        folder,
        Map.of(
            "model_type",
            "clip_text_model",
            "num_attention_heads",
            4,
            "hidden_act",
            "quick_gelu",
            "layer_norm_eps",
            1e-5),
        new ClipTextEncoder(TEXT),
        "model.safetensors",
        5);
  }

  /** Characters of ASCII, within words and at their ends. */
  private static void tokenizer(Path folder) throws IOException {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    for (String suffix : List.of("", "</w>")) {
      for (char c = '!'; c <= '~'; c++) {
        vocabulary.put(c + suffix, vocabulary.size());
      }
    }
    vocabulary.put("<|startoftext|>", vocabulary.size());
    vocabulary.put("<|endoftext|>", vocabulary.size());
    Files.writeString(
        folder.resolve("vocab.json"), JsonMapper.shared().writeValueAsString(vocabulary));
    Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\n");
    Files.writeString(
        folder.resolve("special_tokens_map.json"), "{\"pad_token\": \"<|endoftext|>\"}");
  }

  private static void part(
      Path folder, Map<String, Object> config, Model model, String weights, long seed)
      throws IOException {
    Folders.part(folder, config, model, weights, seed);
    // Fresh experts say nothing: their last layers are zero.
    SplittableRandom random = new SplittableRandom(seed);
    Map<String, HostTensor> shaken = new TreeMap<>(Parameters.initialTensors(model, seed));
    shaken.replaceAll((name, tensor) -> {
      float[] values = tensor.toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) (0.1 * random.nextGaussian());
      }
      return HostTensor.of(values, tensor.shape().stream().mapToLong(Long::longValue).toArray());
    });
    new Safetensors(shaken, Map.of()).write(folder.resolve(weights));
  }
}
