package org.skerry.libp2p.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.skerry.libp2p.yamux.Opening.Refusal;
import org.skerry.libp2p.yamux.Opening.Refused;

/** What one side may take of the other in good faith. */
final class YamuxLimitsTest extends YamuxSessionFixture {
  @Test
  void waitsForAcksWhenTheBacklogIsFull() {
    for (int i = 0; i < 256; i++) {
      open();
    }
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.ACK_BACKLOG_FULL));
    receive("0001 0002 00000001 00000000" + "0001 0002 00000001 00000000");
    assertThat(out.takeEvents()).containsExactly("openable");
    open();
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.ACK_BACKLOG_FULL));
    session.reset(3);
    assertThat(out.takeEvents()).containsExactly("openable");
  }

  @Test
  void limitsOutboundStreams() {
    session = session(false, limits(0, 1, 256, WINDOW));
    assertThat(open()).isEqualTo(2);
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.TOO_MANY_STREAMS));
    receive("0001 0002 00000002 00000000");
    assertThat(session.openStream(0)).isEqualTo(new Refused(Refusal.TOO_MANY_STREAMS));
    out.takeEvents();
    receive("0001 0008 00000002 00000000");
    assertThat(out.takeEvents()).containsExactly("reset 2", "openable");
    assertThat(open()).isEqualTo(4);
  }

  @Test
  void resetsInboundStreamsAboveTheLimit() {
    session = session(true, limits(1, 1, 1, WINDOW));
    receive("0001 0001 00000002 00000000" + "0000 0001 00000004 00000002 6869");
    assertThat(out.takeEvents()).containsExactly("opened 2");
    assertThat(out.takeFrames()).containsExactly("000100080000000400000000");
    receive("0001 0008 00000002 00000000" + "0001 0001 00000006 00000000");
    assertThat(out.takeEvents()).containsExactly("reset 2", "opened 6");
  }
}
