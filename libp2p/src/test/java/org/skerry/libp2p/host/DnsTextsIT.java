package org.skerry.libp2p.host;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.skerry.libp2p.Libp2pException;

/** Look-ups over a socket, by a server that has one name, with two texts. */
@Timeout(60)
class DnsTextsIT {
  private static final List<String> TEXTS = List.of("dnsaddr=/ip4/192.0.2.1/tcp/1", "other");

  private static final int QUESTION_AT = 12;
  private static final int NO_SUCH_NAME = 3;

  /** Answers as RFC 1035 has it, until its socket is closed. */
  private static void serve(DatagramSocket socket, String name) {
    byte[] packet = new byte[512];
    while (true) {
      DatagramPacket query = new DatagramPacket(packet, packet.length);
      try {
        socket.receive(query);
        byte[] answer = answer(ByteBuffer.wrap(packet, 0, query.getLength()), name);
        socket.send(new DatagramPacket(answer, answer.length, query.getSocketAddress()));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private static byte[] answer(ByteBuffer query, String name) {
    ByteBuffer out = ByteBuffer.allocate(512);
    StringBuilder asked = new StringBuilder();
    query.position(QUESTION_AT);
    for (int size = query.get(); size > 0; size = query.get()) {
      byte[] label = new byte[size];
      query.get(label);
      asked.append(asked.isEmpty() ? "" : ".").append(new String(label, US_ASCII));
    }
    int end = query.position() + 4;
    boolean known = asked.toString().equals(name);
    out.putShort(query.getShort(0));
    out.putShort((short) (0x8580 | (known ? 0 : NO_SUCH_NAME)));
    out.putShort((short) 1).putShort((short) (known ? TEXTS.size() : 0)).putInt(0);
    out.put(query.array(), QUESTION_AT, end - QUESTION_AT);
    for (String text : known ? TEXTS : List.<String>of()) {
      out.putShort((short) (0xc000 | QUESTION_AT)).putShort((short) 16).putShort((short) 1);
      out.putInt(60).putShort((short) (text.length() + 1));
      out.put((byte) text.length()).put(text.getBytes(US_ASCII));
    }
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return bytes;
  }

  private final EventLoops loops = EventLoops.start(Sockets.best());

  private DnsTexts asking(DatagramSocket server) {
    return new DnsTexts(
        loops,
        new SingletonDnsServerAddressStreamProvider(
            (InetSocketAddress) server.getLocalSocketAddress()));
  }

  @AfterEach
  void stop() {
    loops.close();
  }

  @Test
  void readsTheStringsOfARecordAsOneText() {
    byte[] rdata = {2, 'a', 'b', 0, 1, 'c'};
    assertThat(DnsTexts.text(Unpooled.wrappedBuffer(rdata))).isEqualTo("abc");
    byte[] cut = {2, 'a', 'b', 9, 'c'};
    assertThat(DnsTexts.text(Unpooled.wrappedBuffer(cut))).isEqualTo("abc");
  }

  @Test
  void readsTheTextsOfANameAndSaysThatThereIsNoSuchName() throws Exception {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> serve(socket, "_dnsaddr.example.org"));
      DnsTexts records = asking(socket);
      assertThat(records.lookUp("_dnsaddr.example.org")).containsExactlyInAnyOrderElementsOf(TEXTS);
      assertThatThrownBy(() -> records.lookUp("_dnsaddr.example.com"))
          .isInstanceOf(Libp2pException.class)
          .hasMessageContaining("the name _dnsaddr.example.com does not resolve");
    }
  }

  @Test
  void givesUpOnAServerThatIsSilent() throws Exception {
    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      DnsTexts records = asking(silent);
      assertThatThrownBy(() -> records.lookUp("_dnsaddr.example.org"))
          .isInstanceOf(Libp2pException.class);
    }
  }
}
