package org.skerry.node.task;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.document.TextActivation;
import org.skerry.board.document.TextEncoder;
import org.skerry.board.document.TextFamily;
import org.skerry.diffusion.ClipTextConfig;
import org.skerry.diffusion.T5Config;
import org.skerry.diffusion.TextEncoderConfig;
import org.skerry.diffusion.text.TokenizerFiles;
import org.skerry.libp2p.multiformats.Cid;

/**
 * What makes of a task's captions what its experts look at: a researcher's own files.
 *
 * @param maxTokens of the longest text, which the tokenizer may hold shorter than the encoder does
 * @param weights of the encoder, safetensors
 */
public record TextEncoding(
    TextEncoderConfig config, int maxTokens, Path weights, TokenizerFiles tokenizer) {
  /**
   * What a task says of it.
   *
   * @param weightsBlob and {@code tokenizerBlobs} that its files became
   */
  TextEncoder document(Cid weightsBlob, SortedMap<String, Cid> tokenizerBlobs) {
    return switch (config) {
      case ClipTextConfig c ->
          new TextEncoder(
              TextFamily.CLIP_TEXT,
              c.vocabulary(),
              maxTokens,
              c.width(),
              c.depth(),
              c.heads(),
              0,
              c.inner(),
              0,
              0,
              TextActivation.valueOf(c.activation().name()),
              weightsBlob,
              tokenizerBlobs);
      case T5Config c ->
          new TextEncoder(
              TextFamily.T5,
              c.vocabulary(),
              maxTokens,
              c.width(),
              c.depth(),
              c.heads(),
              c.headWidth(),
              c.inner(),
              c.buckets(),
              c.maxDistance(),
              TextActivation.valueOf(c.activation().name()),
              weightsBlob,
              tokenizerBlobs);
    };
  }

  /**
   * The configuration that a task's document means.
   *
   * @throws IllegalArgumentException when this version cannot build it
   */
  public static TextEncoderConfig config(TextEncoder said) {
    Map<String, String> properties = new TreeMap<>();
    properties.put("vocabulary", Integer.toString(said.vocabulary()));
    properties.put("width", Integer.toString(said.width()));
    properties.put("depth", Integer.toString(said.depth()));
    properties.put("heads", Integer.toString(said.heads()));
    properties.put("inner", Integer.toString(said.inner()));
    properties.put("activation", said.activation().name().toLowerCase(Locale.ROOT));
    switch (said.family()) {
      case CLIP_TEXT -> {
        properties.put("family", ClipTextConfig.FAMILY);
        properties.put("maxTokens", Integer.toString(said.maxTokens()));
      }
      case T5 -> {
        properties.put("family", T5Config.FAMILY);
        properties.put("headWidth", Integer.toString(said.headWidth()));
        properties.put("buckets", Integer.toString(said.buckets()));
        properties.put("maxDistance", Integer.toString(said.maxDistance()));
      }
    }
    return TextEncoderConfig.fromProperties(properties);
  }
}
