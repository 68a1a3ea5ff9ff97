package org.skerry.node.task;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.WebSeed;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The blob behind a unit's {@code indexBlob}, {@code validationBlob} and {@code secretHash}: the
 * shards, and which partition each is of. JSON, since people look into it; bounded, since it comes
 * from the network.
 *
 * @param web folders on web servers in which the shards and their texts lie, too
 */
public record ShardIndex(List<Shard> shards, List<WebSeed> web) {
  public static final int MAX_BYTES = 4 << 20;
  private static final int MAX_SHARDS = 16_384;
  private static final String FORMAT = "skerry-shards-1";
  private static final String TEXTS = "texts";
  private static final String WEB = "web";
  private static final JsonMapper JSON =
      new JsonMapper(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(8).build())
              .build());

  /**
   * What the task's text encoder made of the captions in a tar.
   *
   * @param blob a file as {@link org.skerry.trainer.text.TextTable} reads it
   */
  public record Texts(BlobId blob, long sizeBytes) {
    public Texts {
      if (sizeBytes < 1) {
        throw new IllegalArgumentException("texts of " + sizeBytes + " bytes");
      }
    }
  }

  /**
   * One WebDataset tar.
   *
   * @param partition the partition all its images are of
   * @param texts absent where nothing reads them
   */
  public record Shard(
      BlobId blob, int partition, int images, long sizeBytes, Optional<Texts> texts) {
    /** A tar whose captions nothing reads. */
    public Shard(BlobId blob, int partition, int images, long sizeBytes) {
      this(blob, partition, images, sizeBytes, Optional.empty());
    }

    /** The blobs of the tar and of what goes with it. */
    public List<BlobId> blobs() {
      List<BlobId> all = new ArrayList<>(List.of(blob));
      texts.ifPresent(t -> all.add(t.blob()));
      return all;
    }

    public Shard {
      if (partition < 0 || partition > 65_535 || images < 1 || sizeBytes < 1) {
        throw new IllegalArgumentException(
            "shard of partition "
                + partition
                + " with "
                + images
                + " images in "
                + sizeBytes
                + " bytes");
      }
    }
  }

  public ShardIndex {
    shards = List.copyOf(shards);
    if (shards.isEmpty() || shards.size() > MAX_SHARDS) {
      throw new IllegalArgumentException("a shard index of " + shards.size() + " shards");
    }
    web = List.copyOf(web);
    if (web.size() > WebSeed.MAX_SEEDS || Set.copyOf(web).size() < web.size()) {
      throw new IllegalArgumentException(
          "a shard index of %d web seeds, not up to %d different ones"
              .formatted(web.size(), WebSeed.MAX_SEEDS));
    }
  }

  /** Of shards that only peers have. */
  public ShardIndex(List<Shard> shards) {
    this(shards, List.of());
  }

  /** The images of all {@code indexes}, without their texts: a router reads none. */
  public static ShardIndex union(List<ShardIndex> indexes) {
    return new ShardIndex(
        indexes.stream()
            .flatMap(index -> index.shards().stream())
            .map(s -> new Shard(s.blob(), s.partition(), s.images(), s.sizeBytes()))
            .toList(),
        indexes.stream()
            .flatMap(index -> index.web().stream())
            .distinct()
            .limit(WebSeed.MAX_SEEDS)
            .toList());
  }

  public long sizeBytes() {
    return shards.stream()
        .mapToLong(s -> s.sizeBytes() + s.texts().map(Texts::sizeBytes).orElse(0L))
        .sum();
  }

  public int images() {
    return shards.stream().mapToInt(Shard::images).sum();
  }

  /** The same bytes for the same shards. */
  public byte[] encoded() {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    ArrayNode list = root.putArray("shards");
    for (Shard shard : shards) {
      ObjectNode object =
          list.addObject()
              .put("blob", shard.blob().toString())
              .put("partition", shard.partition())
              .put("images", shard.images())
              .put("bytes", shard.sizeBytes());
      shard
          .texts()
          .ifPresent(texts ->
              object
                  .putObject(TEXTS)
                  .put("blob", texts.blob().toString())
                  .put("bytes", texts.sizeBytes()));
    }
    if (!web.isEmpty()) {
      ArrayNode folders = root.putArray(WEB);
      web.forEach(seed -> folders.add(seed.toString()));
    }
    return JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads an index that came from anywhere.
   *
   * @throws IllegalArgumentException when the bytes are anything else
   */
  public static ShardIndex decode(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException("a shard index of " + bytes.length + " bytes");
    }
    try {
      JsonNode root = JSON.readTree(bytes);
      requireFields(
          root, root.has(WEB) ? Set.of("format", "shards", WEB) : Set.of("format", "shards"));
      if (!FORMAT.equals(root.path("format").stringValue(""))) {
        throw new IllegalArgumentException("not a shard index of format " + FORMAT);
      }
      List<Shard> shards = new ArrayList<>();
      for (JsonNode node : root.path("shards")) {
        if (shards.size() == MAX_SHARDS) {
          throw new IllegalArgumentException("a shard index of over " + MAX_SHARDS + " shards");
        }
        requireFields(
            node,
            node.has(TEXTS)
                ? Set.of("blob", "partition", "images", "bytes", TEXTS)
                : Set.of("blob", "partition", "images", "bytes"));
        shards.add(
            new Shard(
                BlobId.parse(node.path("blob").stringValue("")),
                node.path("partition").intValue(-1),
                node.path("images").intValue(-1),
                node.path("bytes").longValue(-1),
                node.has(TEXTS) ? Optional.of(texts(node.path(TEXTS))) : Optional.empty()));
      }
      return new ShardIndex(shards, root.has(WEB) ? web(root.path(WEB)) : List.of());
    } catch (JacksonException e) {
      // Its full message has a second line, about the source.
      throw new IllegalArgumentException("not a shard index: " + e.getOriginalMessage(), e);
    } catch (MultiformatException e) {
      throw new IllegalArgumentException("not a shard index: " + e.getMessage(), e);
    }
  }

  /** The field is there for a reason, or not at all: the same shards have one encoding. */
  private static List<WebSeed> web(JsonNode node) {
    if (!node.isArray() || node.isEmpty() || node.size() > WebSeed.MAX_SEEDS) {
      throw new IllegalArgumentException(
          "a shard index whose web seeds are not a list of 1 to " + WebSeed.MAX_SEEDS);
    }
    List<WebSeed> seeds = new ArrayList<>();
    for (JsonNode url : node) {
      seeds.add(WebSeed.parse(url.stringValue("")));
    }
    return seeds;
  }

  private static Texts texts(JsonNode node) throws MultiformatException {
    requireFields(node, Set.of("blob", "bytes"));
    return new Texts(
        BlobId.parse(node.path("blob").stringValue("")), node.path("bytes").longValue(-1));
  }

  private static void requireFields(JsonNode node, Set<String> names) {
    if (!node.isObject() || !Set.copyOf(node.propertyNames()).equals(names)) {
      throw new IllegalArgumentException("a shard index's object does not have just " + names);
    }
  }
}
