package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.TlsKeyPair;
import com.linecorp.armeria.server.Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.node.event.Event;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.task.TaskForker;
import org.skerry.node.task.WebFolder;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.WebSeed;
import org.skerry.transfer.fetch.Progress;
import org.skerry.transfer.web.WebRules;

/** A task whose shards no peer has, and a web server that has what its publisher uploaded. */
@Timeout(180)
class WebSeedIT {
  private static final String HOST = "seed.test";
  private static final TlsKeyPair KEYS = TlsKeyPair.ofSelfSigned(HOST);
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");

  @TempDir Path folder;
  private Path uploaded;
  private Server server;
  private WebSeed seed;
  private SimulatedNetwork network;
  private TestPeer publisher;
  private TestPeer other;

  @BeforeEach
  void start() throws Exception {
    uploaded = folder.resolve("uploaded");
    server = serving(uploaded);
    server.start().join();
    seed = WebSeed.parse("https://" + HOST + ":" + server.activeLocalPort() + "/task/");
    network = new SimulatedNetwork(1);
    publisher = new TestPeer(network, TestPeer.key(1), folder.resolve("publisher"));
    other = new TestPeer(network, TestPeer.key(2), folder.resolve("other"), loopback());
  }

  @AfterEach
  void stop() throws Exception {
    other.close();
    publisher.close();
    network.close();
    server.close();
  }

  @Test
  void bringsTheDataOfAUnitThatNoPeerServes() throws Exception {
    TaskFolder made =
        TinyTask.of(20).create(folder.resolve("made"), publisher.key(), List.of(seed));
    assertThat(WebFolder.write(made, uploaded)).doesNotContainAnyElementsOf(made.secretIds());
    other.join(publisher);
    Task task = made.task();
    for (Unit unit : task.units()) {
      // The index alone comes from a peer: it is what names the web seed.
      BlobId index = new BlobId(unit.indexBlob());
      publisher.stack().blobs().add(made.blobs().resolve(index.toString()));
      try (Blobs.Hold hold = other.stack().blobs().hold()) {
        UnitData data =
            UnitData.fetch(other.stack().blobs(), unit.indexBlob(), List.of(publisher.id()), hold);
        for (String tar : data.shards().stream().flatMap(List::stream).toList()) {
          Path original = made.blobs().resolve(Path.of(tar).getFileName().toString());
          assertThat(Path.of(tar)).hasSameBinaryContentAs(original);
        }
      }
    }
    assertThat(other.events(Event.BlobFetched.class))
        .anySatisfy(fetched ->
            assertThat(fetched.bytesFrom())
                .isEqualTo(Map.of(seed.toString(), fetched.sizeBytes())));
  }

  @Test
  void forksATaskWhoseShardsNoPeerServes() throws Exception {
    TaskFolder made =
        TinyTask.of(20).create(folder.resolve("made"), publisher.key(), List.of(seed));
    Set<BlobId> shards = WebFolder.write(made, uploaded);
    other.join(publisher);
    for (BlobId blob : made.blobIds()) {
      if (!shards.contains(blob)) {
        publisher.stack().blobs().add(made.blobs().resolve(blob.toString()));
      }
    }
    Task fork =
        TaskForker.fork(
            new Lineage(List.of(made.task())),
            new Fetching(other.stack().blobs(), publisher.id()),
            new TaskForker.Wish("mine", made.task().policy()),
            folder.resolve("mine.task"),
            other.key(),
            1);
    assertThat(fork.forkOf()).containsExactly(made.task().id());
    for (BlobId shard : shards) {
      assertThat(folder.resolve("mine.task/blobs").resolve(shard.toString()))
          .hasSameBinaryContentAs(made.blobs().resolve(shard.toString()));
    }
  }

  private record Fetching(Blobs blobs, PeerId publisher) implements TaskForker.Source {
    @Override
    public Path blob(BlobId id, String title, List<WebSeed> web) throws IOException {
      return blobs.fetchWhole(id, List.of(publisher), web, Progress.Listener.NONE);
    }

    @Override
    public Optional<Path> heldOut(BlobId id) {
      return Optional.empty();
    }
  }

  private static WebRules loopback() {
    return new WebRules(
        InetAddress::isLoopbackAddress,
        host -> List.of(InetAddress.getLoopbackAddress()),
        KEYS.certificateChain(),
        Duration.ofSeconds(20),
        Duration.ofSeconds(20),
        32 * 1024);
  }

  private static Server serving(Path files) {
    return Server.builder()
        .https(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .tls(KEYS)
        .service(
            "/task/{file}",
            (context, request) -> {
              Path file = files.resolve(context.pathParam("file"));
              return Files.exists(file)
                  ? answer(request, Files.readAllBytes(file))
                  : HttpResponse.of(HttpStatus.NOT_FOUND);
            })
        .build();
  }

  private static HttpResponse answer(HttpRequest request, byte[] file) throws IOException {
    Matcher range = RANGE.matcher(request.headers().get(HttpHeaderNames.RANGE, ""));
    if (!range.matches()) {
      return HttpResponse.of(ResponseHeaders.of(HttpStatus.OK), HttpData.wrap(file));
    }
    int from = Integer.parseInt(range.group(1));
    int to = Integer.parseInt(range.group(2));
    return HttpResponse.of(
        ResponseHeaders.of(
            HttpStatus.PARTIAL_CONTENT,
            HttpHeaderNames.CONTENT_RANGE,
            "bytes %d-%d/%d".formatted(from, to, file.length)),
        HttpData.wrap(Arrays.copyOfRange(file, from, to + 1)));
  }
}
