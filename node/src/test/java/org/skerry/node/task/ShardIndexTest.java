package org.skerry.node.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.WebSeed;

class ShardIndexTest {
  private static final BlobId BLOB = MerkleTree.of(new byte[] {1, 2, 3}).head().id();
  private static final BlobId OTHER = MerkleTree.of(new byte[] {4}).head().id();
  private static final WebSeed SEED = WebSeed.parse("https://a.example/x/");
  private static final ShardIndex INDEX =
      new ShardIndex(
          List.of(new ShardIndex.Shard(BLOB, 0, 7, 4096), new ShardIndex.Shard(BLOB, 3, 5, 99)));

  @Test
  void survivesEncoding() {
    assertThat(ShardIndex.decode(INDEX.encoded())).isEqualTo(INDEX);
    assertThat(INDEX.images()).isEqualTo(12);
    assertThat(INDEX.sizeBytes()).isEqualTo(4195);
  }

  @Test
  void hasTheSameBytesOnEveryMachine() {
    assertThat(new String(INDEX.encoded(), StandardCharsets.UTF_8))
        .isEqualTo(
            "{\"format\":\"skerry-shards-1\",\"shards\":["
                + "{\"blob\":\"%1$s\",\"partition\":0,\"images\":7,\"bytes\":4096},".formatted(BLOB)
                + "{\"blob\":\"%1$s\",\"partition\":3,\"images\":5,\"bytes\":99}]}"
                    .formatted(BLOB));
  }

  @Test
  void saysWhatIsReadOfAShardAndARoutersDoesNot() {
    ShardIndex read =
        new ShardIndex(
            List.of(
                new ShardIndex.Shard(
                    BLOB, 0, 7, 4096, Optional.of(new ShardIndex.Texts(OTHER, 500)))));
    assertThat(ShardIndex.decode(read.encoded())).isEqualTo(read);
    assertThat(new String(read.encoded(), StandardCharsets.UTF_8))
        .contains("\"bytes\":4096,\"texts\":{\"blob\":\"%s\",\"bytes\":500}}".formatted(OTHER));
    assertThat(read.sizeBytes()).isEqualTo(4596);
    assertThat(read.shards().getFirst().blobs()).containsExactly(BLOB, OTHER);
    ShardIndex router = ShardIndex.union(List.of(read, INDEX));
    assertThat(router.shards()).hasSize(3).allMatch(shard -> shard.texts().isEmpty());
  }

  @Test
  void namesWebSeedsWhereThereAreSomeAndARouterNamesThemAll() {
    ShardIndex one = new ShardIndex(INDEX.shards(), List.of(SEED));
    assertThat(ShardIndex.decode(one.encoded())).isEqualTo(one);
    assertThat(new String(one.encoded(), StandardCharsets.UTF_8))
        .endsWith("],\"web\":[\"https://a.example/x/\"]}");
    WebSeed other = WebSeed.parse("https://b.example/");
    ShardIndex two = new ShardIndex(INDEX.shards(), List.of(SEED, other));
    assertThat(ShardIndex.union(List.of(one, two, INDEX)).web()).containsExactly(SEED, other);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "[]",
        "{}",
        "\"https://a.example/\"",
        "[1]",
        "[\"http://a.example/\"]",
        "[\"https://a.example/\",\"https://a.example/\"]",
        "[\"https://a.example/1/\",\"https://a.example/2/\",\"https://a.example/3/\","
            + "\"https://a.example/4/\",\"https://a.example/5/\",\"https://a.example/6/\","
            + "\"https://a.example/7/\",\"https://a.example/8/\",\"https://a.example/9/\"]"
      })
  void refusesWhatAreNoWebSeeds(String web) {
    String text = new String(INDEX.encoded(), StandardCharsets.UTF_8);
    String changed = text.substring(0, text.length() - 1) + ",\"web\":" + web + "}";
    byte[] bytes = changed.getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> ShardIndex.decode(bytes)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"format\":\"skerry-shards-1\",\"shards\":[]}",
        "{\"format\":\"other\",\"shards\":[{\"blob\":\"B\",\"partition\":0,\"images\":1,\"bytes\":1}]}",
        "{\"format\":\"skerry-shards-1\",\"shards\":[{\"blob\":\"x\",\"partition\":0,\"images\":1,\"bytes\":1}]}",
        "{\"format\":\"skerry-shards-1\",\"shards\":[{\"blob\":\"B\",\"partition\":-1,\"images\":1,\"bytes\":1}]}",
        "{\"format\":\"skerry-shards-1\",\"shards\":[{\"blob\":\"B\",\"partition\":0,\"images\":1}]}",
        "{\"format\":\"skerry-shards-1\",\"format\":\"skerry-shards-1\",\"shards\":"
            + "[{\"blob\":\"B\",\"partition\":0,\"images\":1,\"bytes\":1}]}",
        "{\"format\":\"skerry-shards-1\",\"extra\":1,\"shards\":"
            + "[{\"blob\":\"B\",\"partition\":0,\"images\":1,\"bytes\":1}]}",
        "{\"format\":\"skerry-shards-1\",\"shards\":"
            + "[{\"blob\":\"B\",\"partition\":0,\"images\":1,\"bytes\":1,\"texts\":null}]}",
        "{\"format\":\"skerry-shards-1\",\"shards\":[{\"blob\":\"B\",\"partition\":0,\"images\":1,"
            + "\"bytes\":1,\"texts\":{\"blob\":\"B\",\"bytes\":0}}]}",
        "[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]"
      })
  void refusesWhatIsNoIndex(String text) {
    byte[] bytes =
        text.replace("\"B\"", '"' + BLOB.toString() + '"').getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> ShardIndex.decode(bytes)).isInstanceOf(IllegalArgumentException.class);
  }
}
