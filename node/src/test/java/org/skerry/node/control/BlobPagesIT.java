package org.skerry.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.store.BlobStore;

class BlobPagesIT {
  private static final int SIZE = 3 * BlobHead.CHUNK_BYTES + 1000;

  @TempDir Path folder;
  private final byte[] bytes = new byte[SIZE];
  private final HttpClient http = HttpClient.newHttpClient();
  private BlobStore store;
  private BlobId blob;
  private ControlServer server;
  private String token;

  @BeforeEach
  void start() throws Exception {
    new Random(1).nextBytes(bytes);
    store = BlobStore.open(folder.resolve("blobs"));
    blob = store.add(bytes);
    Path file = folder.resolve("control.json");
    server = ControlServer.start(new RecordingControl(store), file, 0, new SecureRandom());
    token = ControlFile.read(file).token();
  }

  @AfterEach
  void stop() throws Exception {
    http.close();
    server.close();
    store.close();
  }

  @Test
  void givesAWholeBlob() throws Exception {
    HttpResponse<byte[]> answer = get(blob.toString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(bytes);
    assertThat(answer.headers().firstValue("etag")).contains('"' + blob.toString() + '"');
    assertThat(answer.headers().firstValue("accept-ranges")).contains("bytes");
    assertThat(get(store.add(new byte[0]).toString()).body()).isEmpty();
  }

  @Test
  void givesOneRange() throws Exception {
    int middle = BlobHead.CHUNK_BYTES - 7;
    for (int[] part :
        new int[][] {{0, 1}, {middle, middle + 20}, {SIZE - 1, SIZE}, {5, SIZE}, {0, SIZE - 1}}) {
      HttpResponse<byte[]> answer =
          get(blob.toString(), "Range", "bytes=" + part[0] + "-" + (part[1] - 1));
      assertThat(answer.statusCode()).isEqualTo(206);
      assertThat(answer.body()).isEqualTo(Arrays.copyOfRange(bytes, part[0], part[1]));
      assertThat(answer.headers().firstValue("content-range"))
          .contains("bytes " + part[0] + "-" + (part[1] - 1) + "/" + SIZE);
    }
    assertThat(get(blob.toString(), "Range", "bytes=-10").body())
        .isEqualTo(Arrays.copyOfRange(bytes, SIZE - 10, SIZE));
    assertThat(get(blob.toString(), "Range", "bytes=1000000-").body())
        .isEqualTo(Arrays.copyOfRange(bytes, 1_000_000 < SIZE ? 1_000_000 : SIZE, SIZE));
  }

  @Test
  void refusesWhatIsBehindTheEndAndIgnoresWhatItDoesNotUnderstand() throws Exception {
    for (String range : new String[] {"bytes=" + SIZE + "-", "bytes=-0", "bytes=7-3"}) {
      HttpResponse<byte[]> answer = get(blob.toString(), "Range", range);
      assertThat(answer.statusCode()).as(range).isEqualTo(416);
      assertThat(answer.headers().firstValue("content-range")).contains("bytes */" + SIZE);
    }
    for (String range : new String[] {"bytes=-", "bytes=0-1,5-6", "lines=1-2"}) {
      assertThat(get(blob.toString(), "Range", range).statusCode()).as(range).isEqualTo(200);
    }
    assertThat(get(blob.toString(), "Range", "bytes=0-1", "If-Range", "other").statusCode())
        .isEqualTo(200);
  }

  @Test
  void saysThatACacheIsRight() throws Exception {
    HttpResponse<byte[]> answer =
        get(blob.toString(), "If-None-Match", '"' + blob.toString() + '"');
    assertThat(answer.statusCode()).isEqualTo(304);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void tellsTheLengthWithoutTheBytes() throws Exception {
    HttpResponse<byte[]> answer =
        http.send(
            request(blob.toString()).method("HEAD", noBody()).build(), BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValueAsLong("content-length")).hasValue(SIZE);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void namesWhatIsNotHereAndWhatIsNoId() throws Exception {
    assertThat(get(BlobHead.EMPTY.id().toString()).statusCode()).isEqualTo(404);
    assertThat(new String(get("nonsense").body(), "UTF-8")).contains("is no blob's id");
    HttpRequest stranger =
        HttpRequest.newBuilder(address(blob.toString()))
            .header("Authorization", "Bearer 0")
            .build();
    assertThat(http.send(stranger, BodyHandlers.discarding()).statusCode()).isEqualTo(401);
  }

  @Test
  void endsEarlyWhereTheBlobIsDamaged() throws Exception {
    try (RandomAccessFile file = new RandomAccessFile(store.path(blob).toFile(), "rw")) {
      file.seek(2L * BlobHead.CHUNK_BYTES + 3);
      file.write(~bytes[2 * BlobHead.CHUNK_BYTES + 3]);
    }
    assertThatThrownBy(() -> get(blob.toString())).isInstanceOf(IOException.class);
    assertThat(get(blob.toString(), "Range", "bytes=0-99").body())
        .isEqualTo(Arrays.copyOf(bytes, 100));
    assertThat(Files.size(store.path(blob))).isEqualTo(SIZE);
  }

  private static HttpRequest.BodyPublisher noBody() {
    return HttpRequest.BodyPublishers.noBody();
  }

  private URI address(String name) {
    return URI.create("http://127.0.0.1:" + server.port() + "/v1/blobs/" + name);
  }

  private HttpRequest.Builder request(String name, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address(name)).header("Authorization", "Bearer " + token);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request;
  }

  private HttpResponse<byte[]> get(String name, String... headers) throws Exception {
    return http.send(request(name, headers).build(), BodyHandlers.ofByteArray());
  }
}
