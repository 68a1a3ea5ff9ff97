package org.skerry.dht;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has done, each interval, what is due. */
final class Maintenance implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Maintenance.class);
  private static final int AT_ONCE = 16;

  private final Kademlia kademlia;
  private final DhtNode node;
  private final ScheduledExecutorService timer;

  /** One run at a time. */
  private final ReentrantLock running = new ReentrantLock();

  Maintenance(Kademlia kademlia, DhtNode node, ScheduledExecutorService timer) {
    this.kademlia = kademlia;
    this.node = node;
    this.timer = timer;
  }

  void start() {
    long intervalMs = kademlia.config().maintenanceInterval().toMillis();
    timer.scheduleWithFixedDelay(
        () -> node.executor().execute(this::runQuietly),
        intervalMs,
        intervalMs,
        TimeUnit.MILLISECONDS);
  }

  private void runQuietly() {
    try {
      run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException e) {
      LOG.debug("maintenance of the DHT ended with the node");
    } catch (RuntimeException e) {
      LOG.warn("maintenance of the DHT failed and will be tried again: {}", e.toString(), e);
    }
  }

  /** Does what is due now; returns at once when another run is under way. */
  void run() throws InterruptedException {
    if (!running.tryLock()) {
      return;
    }
    try {
      inTurns(kademlia.due(node.nowMs()));
    } finally {
      running.unlock();
    }
  }

  /** A few at a time; one that takes too long is left to end by itself. */
  private void inTurns(List<Operation> operations) throws InterruptedException {
    Duration limit = kademlia.config().operationTimeout();
    for (int from = 0; from < operations.size(); from += AT_ONCE) {
      List<Callable<Boolean>> turn = new ArrayList<>();
      for (Operation operation :
          operations.subList(from, Math.min(from + AT_ONCE, operations.size()))) {
        turn.add(() -> {
          node.run(operation, limit);
          return true;
        });
      }
      for (Future<Boolean> task :
          node.executor().invokeAll(turn, 2 * limit.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          task.get();
        } catch (ExecutionException e) {
          LOG.warn("upkeep of the DHT failed and will be tried again", e.getCause());
        } catch (CancellationException e) {
          kademlia.counters().count("upkeep.timed_out");
        }
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
