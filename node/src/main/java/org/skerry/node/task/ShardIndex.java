package org.skerry.node.task;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.transfer.BlobId;
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
 */
public record ShardIndex(List<Shard> shards) {
  public static final int MAX_BYTES = 4 << 20;
  private static final int MAX_SHARDS = 16_384;
  private static final String FORMAT = "skerry-shards-1";
  private static final JsonMapper JSON =
      new JsonMapper(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(8).build())
              .build());

  /**
   * One WebDataset tar.
   *
   * @param partition the partition all its images are of
   */
  public record Shard(BlobId blob, int partition, int images, long sizeBytes) {
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
  }

  /** The shards of all {@code indexes}. */
  public static ShardIndex union(List<ShardIndex> indexes) {
    return new ShardIndex(indexes.stream().flatMap(index -> index.shards().stream()).toList());
  }

  public long sizeBytes() {
    return shards.stream().mapToLong(Shard::sizeBytes).sum();
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
      list.addObject()
          .put("blob", shard.blob().toString())
          .put("partition", shard.partition())
          .put("images", shard.images())
          .put("bytes", shard.sizeBytes());
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
      requireFields(root, Set.of("format", "shards"));
      if (!FORMAT.equals(root.path("format").stringValue(""))) {
        throw new IllegalArgumentException("not a shard index of format " + FORMAT);
      }
      List<Shard> shards = new ArrayList<>();
      for (JsonNode node : root.path("shards")) {
        if (shards.size() == MAX_SHARDS) {
          throw new IllegalArgumentException("a shard index of over " + MAX_SHARDS + " shards");
        }
        requireFields(node, Set.of("blob", "partition", "images", "bytes"));
        shards.add(
            new Shard(
                BlobId.parse(node.path("blob").stringValue("")),
                node.path("partition").intValue(-1),
                node.path("images").intValue(-1),
                node.path("bytes").longValue(-1)));
      }
      return new ShardIndex(shards);
    } catch (JacksonException e) {
      // Its full message has a second line, about the source.
      throw new IllegalArgumentException("not a shard index: " + e.getOriginalMessage(), e);
    } catch (MultiformatException e) {
      throw new IllegalArgumentException("not a shard index: " + e.getMessage(), e);
    }
  }

  private static void requireFields(JsonNode node, Set<String> names) {
    if (!node.isObject() || !Set.copyOf(node.propertyNames()).equals(names)) {
      throw new IllegalArgumentException("a shard index's object does not have just " + names);
    }
  }
}
