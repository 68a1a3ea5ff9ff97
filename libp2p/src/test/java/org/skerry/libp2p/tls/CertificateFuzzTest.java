package org.skerry.libp2p.tls;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.util.HexFormat;
import org.skerry.libp2p.testing.Hostile;

class CertificateFuzzTest {
  /** The key of the certificates in the specification's test vectors. */
  private static final byte[] SPKI =
      HexFormat.of()
          .parseHex(
              "3059301306072a8648ce3d020106082a8648ce3d030107034200040c901d423c831ca85e27c73c263ba1"
                  + "32721bb9d7a84c4f0380b2a6756fd601331c8870234dec878504c174144fa4b14b66a651691606"
                  + "d8173e55bd37e381569e");

  @FuzzTest
  void certificate(byte[] in) {
    Hostile.read(TlsException.class, () -> PeerCertificate.verified(chain(in)))
        .ifPresent(peer -> assertThat(peer.bytes()).isNotEmpty());
  }

  private static Certificate[] chain(byte[] der) {
    return new Certificate[] {
      new Certificate("X.509") {
        private static final long serialVersionUID = 1L;

        @Override
        public byte[] getEncoded() {
          return der;
        }

        @Override
        public void verify(PublicKey key) {
          throw new UnsupportedOperationException();
        }

        @Override
        public void verify(PublicKey key, String provider) {
          throw new UnsupportedOperationException();
        }

        @Override
        public String toString() {
          return "fuzzed";
        }

        @Override
        public PublicKey getPublicKey() {
          throw new UnsupportedOperationException();
        }
      }
    };
  }

  @FuzzTest
  void identityExtension(byte[] in) {
    Hostile.read(TlsException.class, () -> IdentityExtension.verified(in, SPKI))
        .ifPresent(key ->
            assertThat(Hostile.read(TlsException.class, () -> IdentityExtension.verified(in, in)))
                .isEmpty());
  }
}
