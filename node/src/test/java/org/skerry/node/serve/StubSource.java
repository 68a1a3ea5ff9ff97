package org.skerry.node.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.skerry.node.generate.Listener;
import org.skerry.node.generate.Picture;
import org.skerry.node.generate.PictureRequest;
import org.skerry.node.generate.QueueFullException;

/** Takes orders and does with them what the test says. Thread-safe. */
final class StubSource implements PictureSource {
  static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 42};

  final List<StubOrder> orders = new CopyOnWriteArrayList<>();
  volatile boolean finishesAtOnce = true;
  volatile int capacity = Integer.MAX_VALUE;

  /** Cancels what is open, and takes and finishes everything again. */
  void reset() {
    orders.forEach(StubOrder::cancel);
    orders.clear();
    finishesAtOnce = true;
    capacity = Integer.MAX_VALUE;
  }

  @Override
  public StubOrder order(PictureRequest request, Listener listener) throws QueueFullException {
    if (open().size() > capacity) {
      throw new QueueFullException(capacity);
    }
    StubOrder order = new StubOrder(request, listener);
    orders.add(order);
    if (finishesAtOnce) {
      order.finish();
    }
    return order;
  }

  @Override
  public long restarts() {
    return 3;
  }

  private List<StubOrder> open() {
    return orders.stream().filter(order -> !order.pictures.isDone()).toList();
  }

  StubOrder last() {
    return orders.getLast();
  }

  final class StubOrder implements Order {
    final PictureRequest request;
    final Listener listener;
    final CompletableFuture<List<Picture>> pictures = new CompletableFuture<>();

    private StubOrder(PictureRequest request, Listener listener) {
      this.request = request;
      this.listener = listener;
    }

    void finish() {
      List<Picture> made = new ArrayList<>();
      for (int i = 0; i < request.count(); i++) {
        made.add(new Picture(PNG, request.first() + i, request.seed()));
      }
      pictures.complete(made);
    }

    @Override
    public int position() {
      return Math.max(0, open().indexOf(this));
    }

    @Override
    public CompletableFuture<List<Picture>> pictures() {
      return pictures;
    }

    @Override
    public void cancel() {
      pictures.cancel(false);
    }
  }
}
