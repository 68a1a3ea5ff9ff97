package org.skerry.node.serve;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpResponseWriter;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.ResponseHeaders;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;

/**
 * Tells how a job goes, as server-sent events (WHATWG HTML, section 9.2): {@code queued}, {@code
 * progress}, {@code preview}, and at the end {@code done}, {@code failed} or {@code cancelled}.
 *
 * <p>Each listener has a thread that waits until its client has read: a slow one misses steps in
 * between, and costs no memory.
 */
final class JobEvents {
  /** How often places in the queue are looked at. */
  private static final long LOOK_MS = 1_000;

  /** Looks without news until a comment keeps proxies from hanging up. */
  private static final int QUIET_LOOKS = 15;

  private final ExecutorService threads;

  JobEvents(ExecutorService threads) {
    this.threads = threads;
  }

  private record Queued(String id, int position) {}

  private record Progress(String id, int done, int total, double progress) {}

  @SuppressWarnings("ArrayRecordComponent") // written at once
  private record Preview(String id, int number, byte[] image) {}

  HttpResponse stream(Call call, Job job) {
    call.context().clearRequestTimeout();
    HttpResponseWriter writer = HttpResponse.streaming();
    writer.write(ResponseHeaders.of(HttpStatus.OK, "content-type", MediaType.EVENT_STREAM));
    threads.execute(() -> {
      try {
        new Teller(job, writer).tell();
      } catch (InterruptedException | CompletionException e) {
        writer.close(); // the client has gone, or the server is closing
      }
    });
    return writer;
  }

  /** Tells one client of one job. Used by one thread. */
  private static final class Teller {
    private final Job job;
    private final HttpResponseWriter writer;
    private int toldPosition = -1;
    private int toldDone = -1;
    private int toldPreviews;

    Teller(Job job, HttpResponseWriter writer) {
      this.job = job;
      this.writer = writer;
    }

    void tell() throws InterruptedException {
      Job.View view = job.view();
      int quiet = 0;
      while (writer.isOpen() && !view.state().isOver()) {
        quiet = news(view) ? 0 : quiet + 1;
        if (quiet == QUIET_LOOKS) {
          write(": still here\n\n");
          quiet = 0;
        }
        view = job.after(view.version(), LOOK_MS);
      }
      if (view.state().isOver()) {
        event(view.state().name(), JobCalls.row(job, view));
      }
      writer.close();
    }

    private boolean news(Job.View view) {
      boolean told = false;
      if (job.state() == Job.State.QUEUED) {
        if (job.position() != toldPosition) {
          toldPosition = job.position();
          event("queued", new Queued(job.id(), toldPosition));
          told = true;
        }
        return told;
      }
      if (view.done() > toldDone) {
        toldDone = view.done();
        event("progress", new Progress(job.id(), view.done(), view.total(), view.share()));
        told = true;
      }
      byte[] preview = view.preview();
      if (preview != null && view.previews() > toldPreviews) {
        toldPreviews = view.previews();
        event("preview", new Preview(job.id(), toldPreviews, preview));
        told = true;
      }
      return told;
    }

    private void event(String name, Object data) {
      write("event: " + name.toLowerCase(Locale.ROOT) + "\ndata: " + Answers.text(data) + "\n\n");
    }

    private void write(String text) {
      if (writer.tryWrite(HttpData.ofUtf8(text))) {
        writer.whenConsumed().join();
      }
    }
  }
}
