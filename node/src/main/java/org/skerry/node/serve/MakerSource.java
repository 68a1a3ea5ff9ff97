package org.skerry.node.serve;

import java.util.List;
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

  public MakerSource(PictureMaker maker) {
    this.maker = maker;
  }

  @Override
  public Order order(PictureRequest request, Listener listener) throws QueueFullException {
    return new TicketOrder(maker.submit(request, listener));
  }

  @Override
  public long restarts() {
    return maker.workerRestarts();
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
