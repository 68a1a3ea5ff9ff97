package org.skerry.node.serve;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server on loopback whose pictures a {@link StubSource} makes, and a client of it. */
final class Serving implements AutoCloseable {
  final StubSource source = new StubSource();
  final PictureServer server;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Optional<String> token;

  private Serving(Path folder, Optional<String> token, List<String> origins) throws Exception {
    this.token = token;
    Shelf shelf = new Shelf(folder).with("coast").withClasses("pets", "cat", "dog");
    this.server =
        PictureServer.start(
            new ServeSettings("127.0.0.1", 0, token, List.of(), origins),
            shelf.served("coast", "pets"),
            source,
            "1.2.3");
  }

  static Serving open(Path folder) throws Exception {
    return new Serving(folder, Optional.empty(), List.of());
  }

  static Serving guarded(Path folder, String token, String... origins) throws Exception {
    return new Serving(folder, Optional.of(token), List.of(origins));
  }

  /** What came back. */
  record Answer(int status, HttpResponse<byte[]> response) {
    JsonNode json() {
      return JsonMapper.shared().readTree(response.body());
    }

    String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }
  }

  HttpRequest.Builder request(String path) {
    HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(server.address() + path));
    token.ifPresent(text -> builder.header("Authorization", "Bearer " + text));
    return builder;
  }

  Answer get(String path) throws IOException, InterruptedException {
    return send(request(path).build());
  }

  Answer post(String path, String json) throws IOException, InterruptedException {
    return send(request(path).POST(HttpRequest.BodyPublishers.ofString(json)).build());
  }

  Answer delete(String path) throws IOException, InterruptedException {
    return send(request(path).DELETE().build());
  }

  Answer send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), response);
  }

  InputStream open(String path) throws IOException, InterruptedException {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofInputStream()).body();
  }

  /** A connection that has sent a call, with headers as the client of Java does not let one. */
  Socket raw(String method, String path, String headers, String body) throws IOException {
    URI address = URI.create(server.address());
    Socket socket = new Socket(address.getHost(), address.getPort());
    String head =
        method
            + " "
            + path
            + " HTTP/1.1\r\n"
            + headers
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n";
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** The first line of the answer to a call without body. */
  String statusLine(String method, String path, String... headers) throws IOException {
    try (Socket socket = raw(method, path, String.join("\r\n", headers) + "\r\n", "")) {
      return new java.io.BufferedReader(
              new java.io.InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  String hostAndPort() {
    return server.address().substring("http://".length());
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
