package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.skerry.board.document.Task;
import org.skerry.board.trust.Acceptance;
import org.skerry.board.trust.TaskJudgement;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.testing.MemoryHost;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.node.event.Event;
import org.skerry.node.traffic.Traffic;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.transfer.store.FreeSpace;
import org.skerry.transfer.web.WebRules;

/** A node's parts on a simulated network, in a folder of its own; it remembers its events. */
final class TestPeer implements AutoCloseable {
  private final PrivateKey key;
  private final Path home;
  private final MemoryHost host;
  private final PeerStack stack;
  private final List<Event> events = new CopyOnWriteArrayList<>();

  TestPeer(SimulatedNetwork network, PrivateKey key, Path home) throws IOException {
    this(network, key, home, WebRules.PUBLIC);
  }

  TestPeer(SimulatedNetwork network, PrivateKey key, Path home, WebRules web) throws IOException {
    this.key = key;
    this.home = home;
    this.host = network.host(key);
    this.stack =
        PeerStack.open(
            host,
            key,
            new PeerStack.Settings(
                Optional.empty(),
                home.resolve("blobs"),
                FreeSpace.OF_FILE_SYSTEM,
                true,
                true,
                false,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Traffic.unlimited(),
                web),
            InstantSource.system(),
            events::add);
  }

  /** The key that {@code number} always stands for. */
  static PrivateKey key(int number) {
    byte[] seed = new byte[32];
    new Random(number).nextBytes(seed);
    return PrivateKey.ofSeed(seed);
  }

  TestPeer join(TestPeer bootstrap) {
    stack.join(List.of(bootstrap.host.listenAddresses().getFirst().withPeerId(bootstrap.id())));
    return this;
  }

  PeerId id() {
    return host.peerId();
  }

  PrivateKey key() {
    return key;
  }

  Path home() {
    return home;
  }

  MemoryHost host() {
    return host;
  }

  PeerStack stack() {
    return stack;
  }

  List<Event> events() {
    return events;
  }

  <T extends Event> List<T> events(Class<T> type) {
    return events.stream().filter(type::isInstance).map(type::cast).toList();
  }

  /** A real worker process that runs in this peer's folder. */
  WorkerProcess worker() {
    return Workers.create(home.resolve("work"), home.resolve("worker.log"), 1);
  }

  /** What this peer makes of all boards of {@code task} now. */
  TaskJudgement judge(Task task) {
    return Acceptance.judge(
        task.charter(),
        task.units().stream().map(unit -> stack.boards().board(task, unit.index())).toList(),
        stack.refusals());
  }

  /** Unreachable from one moment to the next, with everything left as it is. */
  void vanish() {
    host.close();
  }

  @Override
  public void close() {
    stack.close();
  }
}
