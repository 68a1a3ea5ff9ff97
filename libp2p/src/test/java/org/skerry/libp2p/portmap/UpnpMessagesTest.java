package org.skerry.libp2p.portmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpnpMessagesTest {
  private static final InetAddress ROUTER = InetAddress.ofLiteral("192.168.1.1");
  private static final URI LOCATION = URI.create("http://192.168.1.1:5000/root.xml");
  private static final String FIRST = "urn:schemas-upnp-org:service:WANIPConnection:1";
  private static final String SECOND = "urn:schemas-upnp-org:service:WANIPConnection:2";

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] description(String before, String... services) {
    StringBuilder out = new StringBuilder("<?xml version=\"1.0\"?>\n");
    out.append("<root xmlns=\"urn:schemas-upnp-org:device-1-0\">").append(before);
    out.append("<device><friendlyName>A <![CDATA[<b>router</b>]]></friendlyName><serviceList>");
    out.append("<service><serviceType>urn:x:Layer3Forwarding:1</serviceType>");
    out.append("<controlURL>/wrong</controlURL></service></serviceList><deviceList><device>");
    out.append("<serviceList>");
    for (String service : services) {
      out.append("<service>").append(service).append("</service>");
    }
    out.append("</serviceList></device></deviceList></device></root>");
    return bytes(out.toString());
  }

  private static String service(String type, String control) {
    return "<SCPDURL>/scpd</SCPDURL><controlURL> %s </controlURL><serviceType>%s</serviceType>"
        .formatted(control, type);
  }

  // The search.

  @Test
  void searchesForGatewaysOfBothVersions() {
    assertThat(SsdpMessages.searches())
        .hasSize(2)
        .allSatisfy(packet ->
            assertThat(new String(packet, StandardCharsets.US_ASCII))
                .startsWith("M-SEARCH * HTTP/1.1\r\n")
                .contains("\r\nMAN: \"ssdp:discover\"\r\n")
                .endsWith("\r\n\r\n"));
  }

  @Test
  void findsTheDescriptionOfWhoAnswers() {
    assertThat(
            SsdpMessages.location(
                bytes("HTTP/1.1 200 OK\r\nST: x\r\nlocation:http://192.168.1.1:5000/root.xml\r\n"),
                ROUTER))
        .contains(LOCATION);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1 200 OK\r\n\r\n",
        "NOTIFY * HTTP/1.1\r\nLOCATION: http://192.168.1.1/\r\n",
        "HTTP/1.1 404 No\r\nLOCATION: http://192.168.1.1/\r\n",
        "HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.2/\r\n",
        "HTTP/1.1 200 OK\r\nLOCATION: http://example.org/\r\n",
        "HTTP/1.1 200 OK\r\nLOCATION: https://192.168.1.1/\r\n",
        "HTTP/1.1 200 OK\r\nLOCATION: file:///etc/passwd\r\n",
        "HTTP/1.1 200 OK\r\nLOCATION: http://me@192.168.1.1/\r\n",
        "HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:99999/\r\n",
        "HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:80:80/\r\n",
        "HTTP/1.1 200 OK\r\nLOCATION: ::::\r\n"
      })
  void anAnswerThatLeadsElsewhereLeadsNowhere(String answer) {
    assertThat(SsdpMessages.location(bytes(answer), ROUTER)).isEmpty();
  }

  // The description.

  @Test
  void takesTheBestServiceThatMapsPorts() {
    IgdDescription found =
        IgdDescription.read(
                description(
                    "",
                    service("urn:schemas-upnp-org:service:WANPPPConnection:1", "/ppp"),
                    service(FIRST, "ctl/ip1"),
                    service(SECOND, "/ctl/ip2?x=1")),
                LOCATION)
            .orElseThrow();
    assertThat(found.control()).isEqualTo(URI.create("http://192.168.1.1:5000/ctl/ip2?x=1"));
    assertThat(found.service()).isEqualTo(SECOND);
    assertThat(found.isSecond()).isTrue();
    assertThat(found.name()).isEqualTo("A brouter/b");
  }

  @Test
  void readsControlAddressesFromTheBaseThatIsNamed() {
    assertThat(
            IgdDescription.read(
                    description(
                        "<URLBase>http://192.168.1.1:80/a/</URLBase>", service(FIRST, "ctl")),
                    LOCATION)
                .orElseThrow()
                .control())
        .isEqualTo(URI.create("http://192.168.1.1:80/a/ctl"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://192.168.1.7/ctl",
        "//192.168.1.7/ctl",
        "http://example.org/ctl",
        "https://192.168.1.1/ctl",
        "file:///etc/passwd",
        "http://user:secret@192.168.1.1/ctl",
        "%%%"
      })
  void callsOnlyTheHostThatTheDescriptionCameFrom(String control) {
    assertThat(IgdDescription.read(description("", service(FIRST, control)), LOCATION)).isEmpty();
    IgdDescription other =
        IgdDescription.read(
                description("", service(FIRST, control), service(FIRST, "/ctl")), LOCATION)
            .orElseThrow();
    assertThat(other.control()).hasPath("/ctl");
  }

  @Test
  void aBaseElsewhereLeadsNowhere() {
    assertThat(
            IgdDescription.read(
                description("<URLBase>http://example.org/</URLBase>", service(FIRST, "/ctl")),
                LOCATION))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE root [<!ENTITY a \"b\">]><root><service>&a;</service></root>",
        "<!DOCTYPE root SYSTEM \"http://127.0.0.1:1/x.dtd\"><root/>",
        "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><r><errorCode>&x;</errorCode></r>",
        "<!DOCTYPE r [<!ENTITY % x SYSTEM \"file:///etc/passwd\"> %x;]><r/>",
        "<root>&unknown;</root>",
        "<root><device></root>",
        "<root/><root/>",
        "no document",
        ""
      })
  void aDocumentWithEntitiesOrWithoutAnEndIsNone(String document) {
    assertThat(Xml.leaves(bytes(document))).isEmpty();
  }

  @Test
  void aDocumentThatIsDeepOrHasManyElementsIsNone() {
    assertThat(Xml.leaves(bytes("<a>".repeat(9000)))).isEmpty();
    assertThat(Xml.leaves(bytes("<a>".repeat(33) + "</a>".repeat(33)))).isEmpty();
    assertThat(Xml.leaves(bytes("<a>" + "<b>x</b>".repeat(4000) + "</a>"))).isEmpty();
    assertThat(Xml.leaves(bytes("<a><b>" + "x".repeat(60_000) + "</b></a>")).orElseThrow())
        .singleElement()
        .satisfies(leaf -> assertThat(leaf.text()).hasSize(1024));
  }

  @Test
  void anyChangedBytesAreRead() {
    Random random = new Random(11);
    byte[] whole = description("<URLBase>http://192.168.1.1/</URLBase>", service(SECOND, "/c"));
    for (int i = 0; i < 3000; i++) {
      byte[] changed = Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
      for (int j = random.nextInt(4); j >= 0; j--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      }
      IgdDescription.read(changed, LOCATION)
          .ifPresent(read -> assertThat(read.control()).hasHost("192.168.1.1"));
    }
  }

  // The calls.

  @Test
  void callsAsTheServiceHasIt() {
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("NewRemoteHost", "");
    arguments.put("NewExternalPort", "4001");
    assertThat(new String(SoapMessages.call(FIRST, "Do", arguments), StandardCharsets.UTF_8))
        .contains(
            "<s:Body><u:Do xmlns:u=\"%s\"><NewRemoteHost></NewRemoteHost>".formatted(FIRST)
                + "<NewExternalPort>4001</NewExternalPort></u:Do></s:Body>");
    assertThat(SoapMessages.header(FIRST, "Do")).isEqualTo("\"" + FIRST + "#Do\"");
  }

  @Test
  void readsValuesAndFaults() {
    assertThat(SoapMessages.read(200, bytes("<e><b><r><NewX>7</NewX></r></b></e>")))
        .isInstanceOfSatisfying(
            SoapMessages.Answer.Done.class, done -> assertThat(done.value("NewX")).contains("7"));
    assertThat(
            SoapMessages.read(
                500,
                bytes(
                    "<e><d><UPnPError><errorCode>718</errorCode><errorDescription>\u001b"
                        + "</errorDescription></UPnPError></d></e>")))
        .as("a control character is no XML")
        .isInstanceOf(SoapMessages.Answer.Malformed.class);
    assertThat(
            SoapMessages.read(
                500,
                bytes(
                    "<e><d><errorCode>718</errorCode><errorDescription>Conflict&#10;&lt;b&gt;"
                        + "</errorDescription></d></e>")))
        .isEqualTo(new SoapMessages.Answer.Fault(718, "Conflictb"));
  }

  @Test
  void whatIsNoAnswerIsMalformed() {
    for (String body : new String[] {"", "<html>", "<e><errorCode>x</errorCode></e>"}) {
      assertThat(SoapMessages.read(500, bytes(body)))
          .isInstanceOf(SoapMessages.Answer.Malformed.class);
    }
    assertThat(SoapMessages.read(302, bytes("<e><a>1</a></e>")))
        .isInstanceOf(SoapMessages.Answer.Malformed.class);
  }
}
