package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.Task;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.Bandwidth;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.config.ConfigSource;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.control.ControlServer;
import org.skerry.node.control.NodeControl;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.control.PeerStatus;
import org.skerry.node.control.TaskStatus;
import org.skerry.node.device.Devices;
import org.skerry.node.device.GpuLock;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.SpeedBook;
import org.skerry.node.estimate.SpeedMeter;
import org.skerry.node.estimate.WorkerSpeedMeter;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventLog;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.FormerKeys;
import org.skerry.node.home.HomeLock;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.traffic.Traffic;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.worker.MemoryCap;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.ChunkSource;
import org.skerry.transfer.web.WebRules;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running node: owns the home, the network, and the loops of the roles its owner chose.
 *
 * <pre>
 * starting --network, loops and control interface are up--> running
 * running  --stop, or the process is told to end--> stopping --checkpointed and closed--> ended
 * </pre>
 */
public final class Daemon implements NodeControl, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
  private static final long ANSWER_NANOS = 200_000_000;
  private static final Duration PAUSE_LIMIT = Duration.ofSeconds(30);
  private static final Duration MEASURE_LIMIT = Duration.ofMinutes(5);
  private static final long WEIGHTS_GRACE_MS = 600_000;
  private static final Duration LOOP_END_LIMIT = Duration.ofSeconds(45);

  private final SkerryHome home;
  private volatile NodeConfig config;
  private final String version;
  private final InstantSource clock;
  private final Deque<AutoCloseable> toClose;
  private final CountDownLatch stopAsked = new CountDownLatch(1);
  private final TcpHost host;
  private final PeerStack stack;
  private final TaskViews views;
  private final TaskFinder finder;
  private final PublishedTasks published;
  private final DiskQuota disk;
  private final Optional<VolunteerLoop> volunteer;
  private final Lending lending;
  private final Overview overview;
  private final EventLog events;
  private final String device;
  private final Estimates estimates;

  private Daemon(
      SkerryHome home,
      ConfigSource source,
      PrivateKey key,
      String version,
      boolean liar,
      InstantSource clock,
      Deque<AutoCloseable> toClose)
      throws IOException, NodeException, InterruptedException {
    this.toClose = toClose;
    this.home = home;
    NodeConfig config = source.load();
    this.config = config;
    this.version = version;
    this.clock = clock;
    long startedAtMs = clock.millis();
    this.device = Devices.find(System.getenv()).choose(config.device());
    toClose.push(HomeLock.acquire(home));
    if (config.train() && Devices.isGpu(device)) {
      toClose.push(GpuLock.acquire(device, GpuLock.usualFolder()));
    }
    PeerId self = PeerId.of(key.publicKey());
    String name = config.name().isEmpty() ? self.shortText() : config.name();
    this.events = EventLog.open(home.events(), clock, name, self.toString());
    toClose.push(events);
    if (!TcpHost.speaksQuic()) {
      LOG.info(
          "QUIC's native library does not run on this platform: connections are over TCP alone");
    }
    this.host =
        Hosts.listen(key, config.listen(), version, config.privateNetwork(), config.sockets());
    host.block(config.blocked());
    this.disk = new DiskQuota(config.diskBytes(), config.guest().minFreeDiskBytes());
    this.stack =
        PeerStack.open(
            host,
            key,
            new PeerStack.Settings(
                Optional.of(home.database()),
                home.blobs(),
                disk,
                true,
                Hosts.areLocal(config.listen()),
                liar,
                Optional.empty(),
                Optional.of(home.believedKeys()),
                new FormerKeys(home.formerKeys()).all(),
                Traffic.open(config.traffic(), home.traffic()),
                WebRules.PUBLIC),
            clock,
            events);
    toClose.push(stack);
    if (config.localDiscovery()) {
      toClose.push(LocalPeers.find(host, config.privateNetwork()));
    }
    stack.weights().ifPresent(weights -> disk.relieveBy(new Evictor(stack.blobs(), weights)));
    Optional<Reach> reach =
        Hosts.areLocal(config.listen()) ? Optional.empty() : Optional.of(reach(host, key));
    this.views = new TaskViews(stack.boards(), stack.refusals());
    Secrets secrets = Secrets.open(stack, home.secrets());
    toClose.push(secrets);
    this.published = new PublishedTasks(stack, home.tasks(), secrets, events);
    secrets.serve(published::all);
    this.finder = new TaskFinder(stack.boards(), config.publishers());
    this.estimates = estimates();
    this.volunteer = config.train() && !liar ? Optional.of(volunteerLoop()) : Optional.empty();
    Optional<EvaluatorLoop> evaluator =
        config.evaluate() ? Optional.of(evaluatorLoop(secrets)) : Optional.empty();
    events.record(new Event.Started(liar ? "liar" : role(), version, addresses()));
    this.lending =
        new Lending(home, config.guest(), volunteer, evaluator, stack.traffic(), clock, events);
    toClose.push(lending);
    Housekeeping housekeeping =
        new Housekeeping(stack, config.bootstrap(), published, pruner(), events);
    startLoop("housekeeping", housekeeping, housekeeping::stop);
    volunteer.ifPresent(loop -> startLoop("volunteer", loop, loop::stop));
    if (liar) {
      LiarLoop lies = new LiarLoop(stack, finder);
      startLoop("liar", lies, lies::stop);
    }
    evaluator.ifPresent(loop -> startLoop("evaluator", loop, loop::stop));
    this.overview =
        new Overview(
            stack, volunteer, reach, lending, estimates, version, device, clock, startedAtMs);
    ConfigWatch watch = new ConfigWatch(source, config, this::apply, events);
    startLoop("config", watch, watch::stop);
    announceStored();
    toClose.push(
        ControlServer.start(this, home.control(), config.controlPort(), new SecureRandom()));
  }

  /**
   * Starts a node; everything it could not start is closed again.
   *
   * @param source looked at again and again, so that most of it holds soon after it was written
   * @param version what it calls itself
   * @param liar whether it serves lies, for tests of everybody else
   */
  public static Daemon start(
      SkerryHome home, ConfigSource source, PrivateKey key, String version, boolean liar)
      throws IOException, NodeException, InterruptedException {
    Deque<AutoCloseable> toClose = new ArrayDeque<>();
    try {
      return new Daemon(home, source, key, version, liar, InstantSource.system(), toClose);
    } catch (IOException | NodeException | RuntimeException | InterruptedException e) {
      Closing.all(toClose);
      throw e;
    }
  }

  private Reach reach(TcpHost host, PrivateKey key) throws IOException {
    Reach asking =
        new Reach(
            host,
            stack.dht(),
            key,
            Multiaddr::isPublic,
            config.relay(),
            config.mapPorts(),
            clock,
            events);
    toClose.push(asking);
    return asking;
  }

  private Optional<Pruner> pruner() {
    return stack
        .weights()
        .map(weights -> new Pruner(stack, weights, this::knownTasks, clock, WEIGHTS_GRACE_MS));
  }

  private VolunteerLoop volunteerLoop() {
    return new VolunteerLoop(stack, finder, lent(), clock, events);
  }

  private TaskWork.Settings lent() {
    return new TaskWork.Settings(
        home.work(),
        home.logs().resolve("worker.log"),
        config.threads(),
        config.nice(),
        config.duty(),
        Devices.isGpu(device) ? device : config.threads() + " CPU threads",
        "skerry/" + version,
        estimates,
        config.recompute(),
        cap());
  }

  private Estimates.Machine machine() {
    return new Estimates.Machine(
        device, config.threads(), "skerry/" + version, config.memoryBytes(), config.recompute());
  }

  /** Lets what changed hold, as far as it can without a restart. */
  private void apply(NodeConfig changed) {
    config = changed;
    host.block(changed.blocked());
    finder.allow(changed.publishers());
    disk.set(changed.diskBytes(), changed.guest().minFreeDiskBytes());
    estimates.lend(machine());
    volunteer.ifPresent(loop -> loop.lend(lent()));
    try {
      stack.traffic().change(changed.traffic());
      lending.change(changed.guest());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the daemon ends
    }
  }

  /**
   * The host's limit says nothing about a GPU's memory, whose driver maps much more than it uses.
   */
  private Optional<MemoryCap> cap() {
    return Devices.isGpu(device)
        ? Optional.empty()
        : Optional.of(new MemoryCap(config.memoryBytes()));
  }

  private Estimates estimates() {
    SpeedMeter meter =
        new WorkerSpeedMeter(
            recomputes ->
                Workers.inBackground(
                    home.work(),
                    home.logs().resolve("worker.log"),
                    config.threads(),
                    config.nice(),
                    cap(),
                    recomputes),
            device,
            () -> config.threads(),
            MEASURE_LIMIT);
    return new Estimates(
        machine(),
        SpeedBook.open(home.speeds()),
        config.measure() ? Optional.of(meter) : Optional.empty(),
        clock);
  }

  private EvaluatorLoop evaluatorLoop(Secrets secrets) {
    Meter meter =
        new Meter(
            stack,
            secrets,
            home.work(),
            Workers.create(home.work(), home.logs().resolve("evaluator.log"), config.threads()),
            config.threads());
    return new EvaluatorLoop(stack, this::knownTasks, meter, clock, events);
  }

  private void startLoop(String name, Runnable loop, Runnable stop) {
    Thread thread = Thread.ofVirtual().name(name).start(loop);
    toClose.push(() -> {
      stop.run();
      thread.join(LOOP_END_LIMIT);
    });
  }

  /** What earlier runs fetched and made is served again. */
  private void announceStored() throws IOException {
    for (BlobId blob : stack.blobs().store().list()) {
      stack.blobs().announce(blob);
    }
  }

  private String role() {
    if (!published.all().isEmpty()) {
      return "publisher";
    }
    return config.train() ? "volunteer" : config.evaluate() ? "evaluator" : "seed";
  }

  private List<Task> knownTasks() {
    Map<Cid, Task> tasks = new LinkedHashMap<>();
    published.all().forEach(task -> tasks.put(task.id(), task));
    finder.tasks().forEach(task -> tasks.put(task.id(), task));
    return new ArrayList<>(tasks.values());
  }

  private List<String> addresses() {
    return listenAddresses().stream().map(Multiaddr::toString).toList();
  }

  /** The node's addresses, each with its peer id. */
  public List<Multiaddr> listenAddresses() {
    PeerId self = stack.host().peerId();
    return stack.host().listenAddresses().stream().map(a -> a.withPeerId(self)).toList();
  }

  /** Blocks until somebody asks the daemon to stop. */
  public void awaitStop() throws InterruptedException {
    stopAsked.await();
  }

  @Override
  public ChunkSource.Finder blobs() {
    return stack.blobs().store();
  }

  @Override
  public NodeStatus status() {
    return overview.of(config);
  }

  @Override
  public NodeStatus pause(Optional<Duration> time) throws NodeException {
    try {
      lending.pause(time);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(home.pause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    volunteer.ifPresent(loop -> loop.awaitRest(PAUSE_LIMIT));
    return status();
  }

  @Override
  public NodeStatus resume() throws NodeException {
    try {
      lending.resume();
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(home.pause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return status();
  }

  @Override
  public NodeStatus finish(Optional<Duration> time) {
    long byMs = time.map(t -> clock.millis() + t.toMillis()).orElse(Long.MAX_VALUE);
    volunteer.ifPresentOrElse(loop -> loop.finish(byMs, this::stop), this::stop);
    return status();
  }

  @Override
  public List<PeerStatus> peers() {
    Map<PeerId, Bandwidth> bytes = host.metrics().byPeer();
    Map<PeerId, Long> refused = new LinkedHashMap<>();
    stack.ledger().refusals().forEach(r -> refused.merge(r.peer(), r.count(), Long::sum));
    stack.dht().refusals().forEach(r -> refused.merge(r.peer(), r.count(), Long::sum));
    return stack.host().connections().stream()
        .map(c ->
            new PeerStatus(
                c.remotePeer().toString(),
                c.remoteAddress().toString(),
                c.initiator(),
                bytes.getOrDefault(c.remotePeer(), Bandwidth.NONE).receivedBytes(),
                bytes.getOrDefault(c.remotePeer(), Bandwidth.NONE).sentBytes(),
                refused.getOrDefault(c.remotePeer(), 0L)))
        .toList();
  }

  @Override
  public List<TaskStatus> tasks() {
    List<Task> known = knownTasks();
    Set<Cid> extended = Lineage.parents(known);
    return known.stream()
        .filter(task -> !extended.contains(task.id()))
        .map(task -> views.of(task, clock.millis()))
        .toList();
  }

  @Override
  public TaskStatus publish(Path folder) throws NodeException {
    try {
      Task task = published.publish(new TaskFolder(folder));
      return views.of(task, clock.millis());
    } catch (IOException e) {
      throw new NodeException(
          Reason.DISK,
          "task in " + folder + " was not taken in (" + DiskTrouble.describe(e) + ")",
          DiskTrouble.isFull(e) ? "free some space" : "check the folder",
          e);
    }
  }

  @Override
  public void withdraw(String task) throws NodeException {
    try {
      published.withdraw(task);
    } catch (IOException e) {
      throw DiskTrouble.cannotWrite(home.tasks(), e);
    }
  }

  @Override
  public void announceKeys() throws NodeException {
    if (stack.keys().announceAll() > 0) {
      throw new NodeException(
          Reason.UNREACHABLE,
          "no peer took what was said about a key",
          "it is said again every hour; check that this node has peers (`skerry peers`)");
    }
  }

  @Override
  public void stop() {
    // The caller's answer is to leave before the control interface closes.
    Thread.ofVirtual()
        .start(() -> {
          LockSupport.parkNanos(ANSWER_NANOS);
          stopAsked.countDown();
        });
  }

  /** Ends all parts, the last started first; training is checkpointed. */
  @Override
  public void close() {
    events.record(new Event.Stopped("asked to"));
    LOG.info("stopping");
    Closing.all(toClose);
    stopAsked.countDown();
  }

  /** The publishers whose tasks this node looks at. */
  public Set<PeerId> publishers() {
    return new TreeSet<>(config.publishers());
  }
}
