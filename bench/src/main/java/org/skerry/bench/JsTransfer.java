package org.skerry.bench;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.skerry.libp2p.host.SecureProtocol;

/** Streams from one js-libp2p process to another. */
final class JsTransfer implements Transfer {
  private final SecureProtocol security;
  private final int streams;
  private final JsProcess server;
  private final JsProcess client;
  private final String peer;

  JsTransfer(SecureProtocol security, int streams) throws IOException {
    this.security = security;
    this.streams = streams;
    Map<String, String> options = Map.of("wire", name(security));
    server = new JsProcess(options);
    client = new JsProcess(options);
    peer = client.ask("dial", Map.of("address", server.address())).get("peer").asString();
  }

  private static String name(SecureProtocol security) {
    return security.name().toLowerCase(Locale.ROOT);
  }

  static String variant(SecureProtocol security, int streams) {
    return "js-libp2p-" + name(security) + "-" + streams;
  }

  @Override
  public String variant() {
    return variant(security, streams);
  }

  @Override
  public void move(long bytes) throws IOException {
    client.ask("bulk", Map.of("peer", peer, "bytes", bytes, "streams", streams));
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
