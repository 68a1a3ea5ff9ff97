package org.skerry.node.control;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.RequestHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.NodeException;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.store.BlobStore;

class BlobPagesFuzzTest {
  private static final byte[] BLOB = "0123456789".getBytes(ISO_8859_1);

  @TempDir static Path folder;
  private static ExecutorService senders;
  private static BlobStore store;
  private static BlobId blob;

  @BeforeAll
  static void fill() throws IOException {
    senders = Executors.newSingleThreadExecutor();
    store = BlobStore.open(folder);
    blob = store.add(BLOB);
  }

  @AfterAll
  static void close() throws IOException {
    store.close();
    senders.close();
  }

  /** The range that is asked for, and what follows the blobs' path where that is not empty. */
  @FuzzTest
  void request(byte[] in) {
    String[] lines = new String(in, ISO_8859_1).replaceAll("[^\\n!-~]", "").split("\n", 2);
    String id = lines.length < 2 || lines[1].isEmpty() ? blob.toString() : lines[1];
    RequestHeaders headers =
        RequestHeaders.builder(HttpMethod.GET, BlobPages.PREFIX + id.replaceAll("[?#]", ""))
            .add(HttpHeaderNames.RANGE, lines[0])
            .build();
    AggregatedHttpResponse answer;
    try {
      answer =
          new BlobPages(store::find, senders)
              .answer(AggregatedHttpRequest.of(headers))
              .aggregate()
              .join();
    } catch (NodeException e) {
      assertThat(id).isNotEqualTo(blob.toString());
      return;
    }
    if (answer.status().equals(HttpStatus.PARTIAL_CONTENT)) {
      String range = answer.headers().get(HttpHeaderNames.CONTENT_RANGE, "");
      int from = Integer.parseInt(range.substring("bytes ".length(), range.indexOf('-')));
      int last = Integer.parseInt(range.substring(range.indexOf('-') + 1, range.indexOf('/')));
      assertThat(answer.content().array()).isEqualTo(Arrays.copyOfRange(BLOB, from, last + 1));
    } else {
      assertThat(answer.status()).isIn(HttpStatus.OK, HttpStatus.REQUESTED_RANGE_NOT_SATISFIABLE);
    }
  }
}
