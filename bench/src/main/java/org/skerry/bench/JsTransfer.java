package org.skerry.bench;

import java.io.IOException;
import java.util.Map;

/** Streams from one js-libp2p process to another. */
final class JsTransfer implements Transfer {
  private final Wire wire;
  private final int streams;
  private final JsProcess server;
  private final JsProcess client;
  private final String peer;

  JsTransfer(Wire wire, int streams) throws IOException {
    this.wire = wire;
    this.streams = streams;
    Map<String, String> options = Map.of("wire", wire.word());
    server = new JsProcess(options);
    client = new JsProcess(options);
    peer = client.ask("dial", Map.of("address", server.address())).get("peer").asString();
  }

  static String variant(Wire wire, int streams) {
    return "js-libp2p-" + wire.word() + "-" + streams;
  }

  @Override
  public String variant() {
    return variant(wire, streams);
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
