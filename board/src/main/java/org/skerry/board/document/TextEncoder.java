package org.skerry.board.document;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.multiformats.Cid;

/**
 * What makes of texts what a task's experts look at. Shards carry what it made of their captions;
 * whoever asks for pictures needs it himself.
 *
 * @param vocabulary how many tokens there are to choose from
 * @param maxTokens of the longest text, those that mark its ends counted
 * @param width of what comes out for each token; the experts' {@code textWidth}
 * @param depth blocks
 * @param heads of the attention
 * @param headWidth of a head's queries, keys and values; 0 for CLIP, whose heads share the width
 * @param inner width inside each block's perceptron
 * @param buckets of distances between tokens; 0 for CLIP, which has none
 * @param maxDistance from which on all distances share a bucket; 0 for CLIP
 * @param weights blob of the encoder's weights
 * @param tokenizer blobs of the tokenizer's files, by their usual names
 */
public record TextEncoder(
    TextFamily family,
    int vocabulary,
    int maxTokens,
    int width,
    int depth,
    int heads,
    int headWidth,
    int inner,
    int buckets,
    int maxDistance,
    TextActivation activation,
    Cid weights,
    SortedMap<String, Cid> tokenizer) {
  /** What the files of a tokenizer may be called. */
  public static final Set<String> TOKENIZER_FILES =
      Set.of(
          "tokenizer.json",
          "vocab.json",
          "merges.txt",
          "tokenizer_config.json",
          "special_tokens_map.json");

  public TextEncoder {
    Bounds.range("vocabulary", vocabulary, 1, 1 << 20);
    Bounds.range("maxTokens", maxTokens, 2, 4096);
    Bounds.range("width of a text encoder", width, 1, ModelSpec.MAX_WIDTH);
    Bounds.range("depth of a text encoder", depth, 1, 256);
    Bounds.range("heads of a text encoder", heads, 1, 1024);
    Bounds.range("inner", inner, 1, 1 << 17);
    boolean clip = family == TextFamily.CLIP_TEXT;
    Bounds.range("headWidth", headWidth, clip ? 0 : 1, clip ? 0 : 4096);
    Bounds.range("buckets", buckets, clip ? 0 : 4, clip ? 0 : 4096);
    Bounds.range("maxDistance", maxDistance, clip ? 0 : 2, clip ? 0 : 1 << 20);
    boolean clips = activation == TextActivation.QUICK_GELU || activation == TextActivation.GELU;
    if (clip != clips) {
      throw Bounds.outOfBounds(
          "activation " + activation.wireName() + " of a " + family.wireName());
    }
    Bounds.blob("weights", weights);
    tokenizer = Collections.unmodifiableSortedMap(new TreeMap<>(tokenizer));
    Bounds.size("files of the tokenizer", tokenizer.keySet(), 1, TOKENIZER_FILES.size());
    tokenizer.forEach((name, blob) -> {
      if (!TOKENIZER_FILES.contains(name)) {
        throw Bounds.outOfBounds(
            "a file of the tokenizer has none of the names " + TOKENIZER_FILES);
      }
      Bounds.blob("a file of the tokenizer", blob);
    });
  }

  Value toValue() {
    Map<String, Value> files = new HashMap<>();
    tokenizer.forEach((name, blob) -> files.put(name, new Value.LinkValue(blob)));
    return new FieldWriter()
        .named("family", family)
        .integer("vocabulary", vocabulary)
        .integer("maxTokens", maxTokens)
        .integer("width", width)
        .integer("depth", depth)
        .integer("heads", heads)
        .integer("headWidth", headWidth)
        .integer("inner", inner)
        .integer("buckets", buckets)
        .integer("maxDistance", maxDistance)
        .named("activation", activation)
        .link("weights", weights)
        .value("tokenizer", Value.map(files))
        .end();
  }

  static TextEncoder fromValue(Value value) {
    FieldReader in = FieldReader.of("text encoder", value);
    SortedMap<String, Cid> files = new TreeMap<>();
    in.map("tokenizer")
        .forEach((name, blob) -> {
          if (!(blob instanceof Value.LinkValue link)) {
            throw new BoardException(
                Refusal.WRONG_TYPE, "a file of the text encoder's tokenizer is no Link");
          }
          files.put(name, link.cid());
        });
    TextEncoder encoder =
        new TextEncoder(
            in.named("family", TextFamily.class),
            in.smallInteger("vocabulary"),
            in.smallInteger("maxTokens"),
            in.smallInteger("width"),
            in.smallInteger("depth"),
            in.smallInteger("heads"),
            in.smallInteger("headWidth"),
            in.smallInteger("inner"),
            in.smallInteger("buckets"),
            in.smallInteger("maxDistance"),
            in.named("activation", TextActivation.class),
            in.link("weights"),
            files);
    in.end();
    return encoder;
  }
}
