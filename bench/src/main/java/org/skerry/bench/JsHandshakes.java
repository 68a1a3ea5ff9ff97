package org.skerry.bench;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.skerry.libp2p.host.SecureProtocol;

/** Two js-libp2p processes, of which one dials the other. */
final class JsHandshakes implements Handshakes {
  private final SecureProtocol security;
  private final JsProcess server;
  private final JsProcess client;

  JsHandshakes(SecureProtocol security) throws IOException {
    this.security = security;
    Map<String, String> options = Map.of("wire", name(security));
    server = new JsProcess(options);
    client = new JsProcess(options);
  }

  private static String name(SecureProtocol security) {
    return security.name().toLowerCase(Locale.ROOT);
  }

  static String variant(SecureProtocol security) {
    return "js-libp2p-" + name(security);
  }

  @Override
  public String variant() {
    return variant(security);
  }

  @Override
  public void make(int count) throws IOException {
    client.ask("handshakes", Map.of("address", server.address(), "count", count));
  }

  @Override
  public double cpuSeconds() {
    return server.cpuSeconds() + client.cpuSeconds();
  }

  @Override
  public void close() {
    client.close();
    server.close();
  }
}
