package org.skerry.libp2p.dcutr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.libp2p.dcutr.MappingBehaviour.ENDPOINT_DEPENDENT;
import static org.skerry.libp2p.dcutr.MappingBehaviour.ENDPOINT_INDEPENDENT;
import static org.skerry.libp2p.dcutr.MappingBehaviour.UNKNOWN;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.dcutr.MappingBehaviour.Sighting;

class MappingBehaviourTest {
  private final List<Sighting> sightings = new ArrayList<>();

  private void sees(String peer, String at) {
    sightings.add(
        new Sighting(
            Multiaddr.parse("/ip4/" + peer + "/tcp/4001"),
            Multiaddr.parse("/ip4/11.0.0.20/tcp/" + at)));
  }

  private MappingBehaviour behaviour() {
    return MappingBehaviour.of(sightings);
  }

  @Test
  void isUnknownUntilPeersOfTwoPlacesHaveLooked() {
    assertThat(behaviour()).isEqualTo(UNKNOWN);
    sees("11.0.0.1", "4001");
    sees("11.0.0.1", "4001");
    assertThat(behaviour()).isEqualTo(UNKNOWN);
    sees("11.0.0.2", "4001");
    assertThat(behaviour()).isEqualTo(ENDPOINT_INDEPENDENT);
  }

  @Test
  void anotherPortForEachIsDependent() {
    sees("11.0.0.1", "50001");
    sees("11.0.0.2", "50002");
    assertThat(behaviour()).isEqualTo(ENDPOINT_DEPENDENT);
    sees("11.0.0.3", "50003");
    assertThat(behaviour()).isEqualTo(ENDPOINT_DEPENDENT);
  }

  @Test
  void onePortThatIsNotTheOwnIsIndependentAllTheSame() {
    sees("11.0.0.1", "50001");
    sees("11.0.0.2", "50001");
    assertThat(behaviour()).isEqualTo(ENDPOINT_INDEPENDENT);
  }

  @Test
  void oneThatSaysSomethingElseThanTwoIsNotBelieved() {
    sees("11.0.0.1", "4001");
    sees("11.0.0.2", "4001");
    sees("11.0.0.3", "666");
    assertThat(behaviour()).isEqualTo(ENDPOINT_INDEPENDENT);
    sees("11.0.0.4", "667");
    assertThat(behaviour()).as("two of four").isEqualTo(ENDPOINT_DEPENDENT);
  }
}
