package org.skerry.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.multiformats.MultiformatException;

class SubnetTest {
  private static byte[] ip(String text) {
    return text.contains(":") ? Ip.parse6(text) : Ip.parse4(text);
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.0/24,203.0.113.0,true",
    "203.0.113.0/24,203.0.113.255,true",
    "203.0.113.0/24,203.0.112.255,false",
    "203.0.113.128/25,203.0.113.128,true",
    "203.0.113.128/25,203.0.113.127,false",
    "203.0.113.7,203.0.113.7,true",
    "203.0.113.7,203.0.113.6,false",
    "0.0.0.0/0,198.51.100.1,true",
    "0.0.0.0/0,2001:db8::1,false",
    "2001:db8::/33,2001:db8:7fff::1,true",
    "2001:db8::/33,2001:db8:8000::1,false",
    "203.0.113.0/24,::ffff:203.0.113.9,true",
    "::ffff:203.0.113.9,203.0.113.9,true",
    "::/0,203.0.113.9,false"
  })
  void contains(String subnet, String address, boolean is) {
    assertThat(Subnet.parse(subnet).contains(ip(address))).isEqualTo(is);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "203.0.113",
        "203.0.113.1/24",
        "203.0.113.0/33",
        "203.0.113.0/",
        "203.0.113.0/-1",
        "2001:db8::1/64",
        "2001:db8::/129",
        "example.org",
        "example.org/8"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> Subnet.parse(text)).isInstanceOf(MultiformatException.class);
  }

  @Test
  void isWrittenAsItIsRead() {
    assertThat(Subnet.parse("203.0.113.7")).hasToString("203.0.113.7/32");
    assertThat(Subnet.parse("2001:db8::/32")).hasToString("2001:db8::/32");
    assertThat(Subnet.parse("2001:db8::/32")).isEqualTo(Subnet.parse("2001:0db8:0::/32"));
  }
}
