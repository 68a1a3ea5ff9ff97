package org.skerry.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.crypto.KeyType;
import org.skerry.libp2p.crypto.PublicKey;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.multiformats.Multihash;

class PeerIdTest {
  @Test
  void readsTheSpecificationsExampleInBothForms() {
    PeerId legacy = PeerId.parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
    PeerId cid = PeerId.parse("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe");
    assertThat(legacy).isEqualTo(cid);
    assertThat(legacy.toCid().toString())
        .isEqualTo("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe");
    assertThat(cid.toString()).isEqualTo("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
    assertThat(cid.publicKey()).isEmpty();
  }

  @Test
  void carriesAnEd25519KeyInside() {
    PeerId id = PeerId.parse("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
    PublicKey key = id.publicKey().orElseThrow();
    assertThat(PeerId.of(key)).isEqualTo(id);
    assertThat(PeerId.parse(id.toCid().toString())).isEqualTo(id);
    assertThat(PeerId.ofBytes(id.bytes())).isEqualTo(id);
  }

  @Test
  void derivesTheIdOfTheSpecificationsKey() {
    PublicKey key =
        PublicKey.decode(
            HexFormat.of()
                .parseHex(
                    "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"));
    assertThat(PeerId.of(key).toString())
        .isEqualTo("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq");
  }

  @Test
  void holdsTheKeyWhereItIsShortAndOfAKnownType() {
    byte[] secp256k1 =
        HexFormat.of()
            .parseHex("08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99");
    assertThat(new PeerId(Multihash.identity(secp256k1)).publicKey())
        .map(PublicKey::type)
        .contains(KeyType.SECP256K1);
    byte[] unknown = secp256k1.clone();
    unknown[1] = 9;
    assertThat(new PeerId(Multihash.identity(unknown)).publicKey()).isEmpty();
    assertThat(new PeerId(Multihash.identity(new byte[0])).publicKey()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Qm",
        "12D3Koo0",
        "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5",
        "bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e",
        "hello",
      })
  void refusesTextThatIsNoPeerId(String text) {
    assertThatThrownBy(() -> PeerId.parse(text)).isInstanceOf(MultiformatException.class);
  }
}
