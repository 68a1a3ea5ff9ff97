package org.skerry.node.serve;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.skerry.node.generate.Listener;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureMaker;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.QueueFullException;
import org.skerry.node.generate.Ticket;

/** Pictures from a worker process. */
public final class MakerSource implements PictureSource {
  private final PictureMaker maker;

  @GuardedBy("this")
  private final Set<Long> workers = new HashSet<>();

  public MakerSource(PictureMaker maker) {
    this.maker = maker;
  }

  @Override
  public Order order(PictureRequest request, Listener listener) throws QueueFullException {
    return new TicketOrder(maker.submit(request, new Watching(listener)));
  }

  /** As many as there were worker processes, but for the first. */
  @Override
  public synchronized long restarts() {
    return Math.max(0, workers.size() - 1);
  }

  private synchronized void seeWorker() {
    maker.workerPid().ifPresent(workers::add);
  }

  /** Sees which worker it is that makes progress. */
  private final class Watching implements Listener {
    private final Listener listener;

    Watching(Listener listener) {
      this.listener = listener;
    }

    @Override
    public void progress(int done, int total) {
      seeWorker();
      listener.progress(done, total);
    }

    @Override
    public void preview(byte[] png) {
      listener.preview(png);
    }
  }

  private record TicketOrder(Ticket ticket) implements Order {
    @Override
    public int position() {
      return ticket.position();
    }

    @Override
    public CompletableFuture<List<Picture>> pictures() {
      return ticket.pictures();
    }

    @Override
    public void cancel() {
      ticket.cancel();
    }
  }
}
