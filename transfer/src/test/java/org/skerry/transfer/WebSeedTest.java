package org.skerry.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebSeedTest {
  @Test
  void namesTheFilesOfABlobInItsFolder() {
    BlobId blob = MerkleTree.of(new byte[] {1}).head().id();
    WebSeed seed = WebSeed.parse("https://bucket.example/some/shards/");
    assertThat(seed.file(blob)).hasToString("https://bucket.example/some/shards/" + blob);
    assertThat(seed.leaves(blob))
        .hasToString("https://bucket.example/some/shards/" + blob + ".leaves");
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.example/, https://a.example:443/x/y/, true",
    "https://A.example/, https://a.EXAMPLE/x/, true",
    "https://a.example/, https://a.example:8443/, false",
    "https://a.example/, https://b.example/, false",
  })
  void knowsWhichFoldersAreOfOneServer(String one, String other, boolean same) {
    assertThat(WebSeed.parse(one).server().equals(WebSeed.parse(other).server())).isEqualTo(same);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a.example/",
        "ftp://a.example/",
        "https:///x/",
        "https:a/",
        "//a.example/",
        "https://user@a.example/",
        "https://user:secret@a.example/",
        "https://a.example:80/",
        "https://a.example:22/",
        "https://a.example:1023/",
        "https://a.example:65536/",
        "https://a.example:0/",
        "https://a.example",
        "https://a.example/x",
        "https://a.example/?x/",
        "https://a.example/#x/",
        "https://a_b.example/",
        "https://a.example/ /",
        "",
      })
  void refusesWhatIsNoFolderThatStrangersMayMakeUsAsk(String url) {
    assertThatThrownBy(() -> WebSeed.parse(url)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesALongUrl() {
    String most = "https://a.example/" + "x".repeat(WebSeed.MAX_CHARS - 19) + "/";
    assertThat(WebSeed.parse(most)).hasToString(most);
    assertThatThrownBy(() -> WebSeed.parse(most + "/")).hasMessageContaining("513 characters");
  }
}
