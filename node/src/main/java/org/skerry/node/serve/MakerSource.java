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
    Ticket ticket = maker.submit(request, listener);
    var _ = ticket.pictures().whenComplete((_, _) -> restarts());
    return new TicketOrder(ticket);
  }

  /** As many as there were worker processes, but for the first. */
  @Override
  public synchronized long restarts() {
    maker.workerPid().ifPresent(workers::add);
    return Math.max(0, workers.size() - 1);
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
