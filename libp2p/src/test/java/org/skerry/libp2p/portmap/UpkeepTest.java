package org.skerry.libp2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.portmap.PortMapping.Mapped;
import org.skerry.libp2p.portmap.PortMapping.NotMapped;
import org.skerry.libp2p.portmap.PortMapping.Reason;
import org.skerry.libp2p.portmap.RouterException.Kind;
import org.skerry.libp2p.testing.FakeClock;

class UpkeepTest {
  private static final Port TCP = new Port(Port.Kind.TCP, 4001);
  private static final Port UDP = new Port(Port.Kind.UDP, 4001);
  private static final Multiaddr TCP_OUTSIDE = Multiaddr.parse("/ip4/11.0.0.20/tcp/4001");
  private static final Multiaddr UDP_OUTSIDE = Multiaddr.parse("/ip4/11.0.0.20/udp/4001/quic-v1");

  private final FakeClock clock = new FakeClock();
  private final List<PortMapping> told = new ArrayList<>();

  /** Does as it is told, and notes what it was asked. */
  private static final class FakeRouter implements Router {
    final List<String> asked = new ArrayList<>();
    final String name;
    String external = "11.0.0.20";
    boolean forgets;
    long grants = 3600;
    int moves;
    @Nullable RouterException trouble;
    Port.@Nullable Kind refuses;
    boolean closed;

    FakeRouter(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Look look(Collection<Lease> held) throws RouterException {
      if (trouble != null) {
        throw trouble;
      }
      return new Look(InetAddress.ofLiteral(external), forgets);
    }

    @Override
    public Lease map(Port port, int wished, Duration lifetime) throws RouterException {
      if (port.kind() == refuses) {
        throw new RouterException(Kind.REFUSED, "not this one");
      }
      asked.add("map " + port + " at " + wished);
      return new Lease(port, wished + moves, grants);
    }

    @Override
    public void unmap(Lease lease) {
      asked.add("unmap " + lease.port() + " at " + lease.externalPort());
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  private final FakeRouter router = new FakeRouter("NAT-PMP");
  private final FakeRouter second = new FakeRouter("UPnP");

  private Upkeep upkeep(RouterSearch... searches) {
    return new Upkeep(List.of(TCP, UDP), List.of(searches), Multiaddr::isPublic, clock, told::add);
  }

  @Test
  void mapsBothPortsAndSaysWhere() {
    assertThat(upkeep(() -> List.of(router)).run()).isEqualTo(Upkeep.LOOK_AGAIN);
    assertThat(told).containsExactly(new Mapped("NAT-PMP", List.of(TCP_OUTSIDE, UDP_OUTSIDE)));
    assertThat(router.asked).containsExactly("map 4001/TCP at 4001", "map 4001/UDP at 4001");
  }

  @Test
  void renewsAtHalfOfTheLeaseAndNotBefore() {
    Upkeep upkeep = upkeep(() -> List.of(router));
    upkeep.run();
    clock.advance(Duration.ofSeconds(1799));
    upkeep.run();
    assertThat(router.asked).hasSize(2);
    clock.advance(Duration.ofSeconds(1));
    upkeep.run();
    assertThat(router.asked).hasSize(4);
    assertThat(told).hasSize(1);
  }

  @Test
  void asksForThePortThatItWasGivenWhenItRenews() {
    router.moves = 100;
    Upkeep upkeep = upkeep(() -> List.of(router));
    upkeep.run();
    clock.advance(Duration.ofMinutes(30));
    router.moves = 0;
    upkeep.run();
    assertThat(router.asked).endsWith("map 4001/TCP at 4101", "map 4001/UDP at 4101");
    assertThat(told).hasSize(1);
  }

  @Test
  void aLeaseOfNoTimeAtAllIsRenewedAfterAMinuteAndAPermanentOneToo() {
    router.grants = 1;
    Upkeep upkeep = upkeep(() -> List.of(router));
    upkeep.run();
    clock.advance(Duration.ofSeconds(59));
    upkeep.run();
    assertThat(router.asked).hasSize(2);
    router.grants = 0;
    clock.advance(Duration.ofSeconds(1));
    upkeep.run();
    assertThat(router.asked).hasSize(4);
    clock.advance(Duration.ofMinutes(30));
    upkeep.run();
    assertThat(router.asked).hasSize(6);
  }

  @Test
  void mapsAnewWhenTheRouterHasForgotten() {
    Upkeep upkeep = upkeep(() -> List.of(router));
    upkeep.run();
    router.forgets = true;
    upkeep.run();
    assertThat(router.asked).hasSize(4);
    assertThat(told).hasSize(1);
  }

  @Test
  void mapsAnewAndSaysWhereWhenTheAddressIsAnother() {
    Upkeep upkeep = upkeep(() -> List.of(router));
    upkeep.run();
    router.external = "11.0.0.21";
    upkeep.run();
    assertThat(router.asked).hasSize(4);
    assertThat(((Mapped) told.getLast()).addresses().getFirst())
        .hasToString("/ip4/11.0.0.21/tcp/4001");
  }

  @Test
  void anAddressThatIsNotPublicIsAnotherRouterInBetween() {
    router.external = "100.64.3.4";
    assertThat(upkeep(() -> List.of(router)).run()).isEqualTo(Upkeep.SEARCH_AGAIN);
    assertThat(told)
        .singleElement()
        .isInstanceOfSatisfying(
            NotMapped.class,
            not -> {
              assertThat(not.reason()).isEqualTo(Reason.BEHIND_ANOTHER_NAT);
              assertThat(not.detail()).contains("behind another NAT (carrier-grade", "100.64.3.4");
            });
    assertThat(router.asked).isEmpty();
    assertThat(router.closed).isTrue();
  }

  @Test
  void aRouterWithoutAnAddressIsNotBelievedEither() {
    router.external = "0.0.0.0";
    upkeep(() -> List.of(router)).run();
    assertThat(told)
        .singleElement()
        .isInstanceOfSatisfying(
            NotMapped.class,
            not -> assertThat(not.detail()).contains("no public address", "carrier-grade"));
  }

  @Test
  void asksTheNextWhenTheFirstMapsNothing() {
    router.trouble = new RouterException(Kind.REFUSED, "no");
    upkeep(() -> List.of(router), () -> List.of(second)).run();
    assertThat(told).containsExactly(new Mapped("UPnP", List.of(TCP_OUTSIDE, UDP_OUTSIDE)));
    assertThat(router.closed).isTrue();
    assertThat(second.closed).isFalse();
  }

  @Test
  void tellsTheTroubleThatSaysMost() {
    router.trouble = new RouterException(Kind.SILENT, "it does not answer");
    second.trouble = new RouterException(Kind.REFUSED, "it says: not authorized (606)");
    upkeep(() -> List.of(second), () -> List.of(router)).run();
    assertThat(told)
        .containsExactly(new NotMapped(Reason.REFUSED, "UPnP: it says: not authorized (606)"));
  }

  @Test
  void withoutARouterItSaysSoOnceAndSearchesAgain() {
    List<Router> found = new ArrayList<>();
    second.trouble = new RouterException(Kind.SILENT, "it does not answer");
    Upkeep upkeep = upkeep(() -> List.of(second), () -> found);
    assertThat(upkeep.run()).isEqualTo(Upkeep.SEARCH_AGAIN);
    assertThat(upkeep.run()).isEqualTo(Upkeep.SEARCH_AGAIN);
    assertThat(told)
        .singleElement()
        .isInstanceOfSatisfying(
            NotMapped.class, not -> assertThat(not.reason()).isEqualTo(Reason.NO_ROUTER));
    found.add(router);
    assertThat(upkeep.run()).isEqualTo(Upkeep.LOOK_AGAIN);
    assertThat(told.getLast()).isInstanceOf(Mapped.class);
  }

  @Test
  void onePortIsBetterThanNone() {
    router.refuses = Port.Kind.UDP;
    Upkeep upkeep = upkeep(() -> List.of(router));
    upkeep.run();
    assertThat(told).containsExactly(new Mapped("NAT-PMP", List.of(TCP_OUTSIDE)));
    router.refuses = null;
    upkeep.run();
    assertThat(told.getLast()).isEqualTo(new Mapped("NAT-PMP", List.of(TCP_OUTSIDE, UDP_OUTSIDE)));
  }

  @Test
  void aSilentRouterIsBelievedUntilItsLeasesEndAndAskedForAllWhenItIsBack() {
    List<Router> found = new ArrayList<>(List.of(router));
    Upkeep upkeep = upkeep(() -> List.copyOf(found));
    upkeep.run();
    router.trouble = new RouterException(Kind.SILENT, "it does not answer");
    assertThat(upkeep.run()).isEqualTo(Upkeep.LOOK_AGAIN);
    assertThat(told).hasSize(1);
    router.trouble = null;
    upkeep.run();
    assertThat(router.asked).hasSize(4);

    router.trouble = new RouterException(Kind.SILENT, "it does not answer");
    clock.advance(Duration.ofHours(1));
    assertThat(upkeep.run()).isEqualTo(Upkeep.SEARCH_AGAIN);
    assertThat(told.getLast()).isInstanceOf(NotMapped.class);
  }

  @Test
  void givesBackInTheEnd() {
    Upkeep upkeep = upkeep(() -> List.of(router));
    upkeep.end();
    assertThat(router.asked).isEmpty();
    upkeep.run();
    upkeep.end();
    assertThat(router.asked).endsWith("unmap 4001/TCP at 4001", "unmap 4001/UDP at 4001");
    assertThat(router.closed).isTrue();
  }

  @Test
  void onlyPrivatePortsOfWhoHasNoPublicAddressAreMapped() {
    List<Multiaddr> home =
        List.of(
            Multiaddr.parse("/ip4/127.0.0.1/tcp/4001"),
            Multiaddr.parse("/ip4/192.168.1.2/tcp/4001"),
            Multiaddr.parse("/ip4/172.17.0.1/tcp/4001"),
            Multiaddr.parse("/ip4/192.168.1.2/udp/4001/quic-v1"),
            Multiaddr.parse("/ip6/fd00::2/tcp/4002"));
    assertThat(PortMapper.ports(home)).containsExactly(TCP, UDP);
    List<Multiaddr> open = new ArrayList<>(home);
    open.add(Multiaddr.parse("/ip4/11.0.0.20/tcp/4001"));
    assertThat(PortMapper.ports(open)).isEmpty();
    assertThat(PortMapper.ports(List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001")))).isEmpty();
  }
}
