package org.skerry.dht.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.libp2p.testing.Hostile;

class AddressScopeFuzzTest {
  @FuzzTest
  void address(byte[] in) {
    Hostile.read(MultiformatException.class, () -> Multiaddr.ofBytes(in))
        .ifPresent(address -> {
          Optional<AddressScope> scope = AddressScope.of(address);
          Origin origin = Origin.of(Optional.of(address));
          List<Multiaddr> toAll = AddressScope.PUBLIC.visible(List.of(address));
          assertThat(toAll.isEmpty())
              .isEqualTo(scope.filter(s -> s == AddressScope.PUBLIC).isEmpty());
          assertThat(IpGroup.of(address).isPresent()).isEqualTo(!toAll.isEmpty());
          if (address.isPublic() && address.ip().isPresent()) {
            assertThat(scope).contains(AddressScope.PUBLIC);
          }
          if (scope.isEmpty()) {
            assertThat(AddressScope.LOOPBACK.visible(List.of(address))).isEmpty();
            assertThat(origin).isEqualTo(Origin.UNKNOWN);
          }
          Whereabouts where = new Whereabouts(origin, List.of(address));
          assertThat(Whereabouts.decode(ByteBuffer.wrap(where.encode()))).contains(where);
        });
  }

  @FuzzTest
  void whereabouts(byte[] in) {
    Whereabouts.decode(ByteBuffer.wrap(in))
        .ifPresent(where -> assertThat(where.origin().name()).hasSizeBetween(1, 64));
  }
}
