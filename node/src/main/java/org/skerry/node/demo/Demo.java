package org.skerry.node.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Task;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.control.ControlClient;
import org.skerry.node.event.Event;
import org.skerry.node.event.LoggedEvent;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.Networks;
import org.skerry.node.task.SmallRecipe;
import org.skerry.node.task.TaskMaker;
import org.skerry.node.task.TaskPlan;
import org.skerry.node.task.Units;
import org.skerry.node.worker.Workers;
import org.skerry.trainer.dataset.Dataset;
import org.skerry.trainer.partition.TaskSpec;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.trainer.worker.job.MeasureConfig;
import org.skerry.trainer.worker.job.MeasureJob;
import org.skerry.trainer.worker.job.MeasureResult;
import org.skerry.trainer.worker.job.TorchDevice;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole story on one machine: a bootstrap node, a researcher, volunteers and a consumer, each a
 * process with its own home, over real sockets on loopback. Used by one thread.
 */
public final class Demo implements AutoCloseable {
  /** The built-in pictures are drawn by this program, under whose licence they are. */
  private static final String BUILT_IN_LICENCE = "Apache-2.0";

  private static final long LEASE_MS = 24_000;
  private static final long POLL_MS = 500;
  private static final double MEASURE_SECONDS = 4;

  /** What pulling, sampling and the report take. */
  private static final double WRAP_UP_SECONDS = 60;

  /** How many times its minutes a run may take before it goes on with less than it should have. */
  private static final double PATIENCE = 3;

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration PULL_LIMIT = Duration.ofMinutes(2);
  private static final Duration LIAR_LIMIT = Duration.ofSeconds(30);
  private static final long LIAR_ANNOUNCES_MS = 2_000;
  private static final long SEED = 1;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final DemoOptions options;
  private final Stage stage;
  private final Watch watch;
  private final Map<String, NodeProcess> nodes = new LinkedHashMap<>();
  private final long startNanos = System.nanoTime();
  private @Nullable String victim;
  private @Nullable String victimUnit;

  public Demo(DemoOptions options, Stage stage) {
    this.options = options;
    this.stage = stage;
    this.watch = new Watch(stage);
  }

  /** Runs everything; the out folder, prepared and empty, will hold the results. */
  public void run() throws NodeException, IOException, InterruptedException {
    Dataset dataset = TaskMaker.read(options.images(), options.imageSize());
    stage.say("Read " + dataset.images().count() + " images from " + options.images() + ".");
    dataset.skippedText().ifPresent(stage::say);
    Budget budget = budget();
    SkerryHome researcher = home("researcher");
    Task task = create(dataset, budget, researcher);
    String bootstrap = startBootstrap();
    startResearcher(bootstrap);
    publish(researcher);
    startVolunteers(bootstrap, task.publisher());
    double trainStart = seconds();
    train(task, budget);
    double trained = seconds() - trainStart;
    pull(task, bootstrap);
    DemoResults results = new DemoResults(options, task, watch, taskFolder(), home("consumer"));
    results.write(stage, this::seconds, trained, victim, victimUnit, liarPeer());
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private SkerryHome home(String node) {
    return new SkerryHome(options.out().resolve("nodes").resolve(node));
  }

  private Path taskFolder() {
    return options.out().resolve("task");
  }

  private Budget budget() throws IOException, InterruptedException {
    SmallRecipe recipe = recipe(100, 100, 10_000);
    MeasureConfig config =
        new MeasureConfig(
            Networks.expert(recipe.expertModel()).toProperties(),
            Units.optimizer(recipe.expert()),
            Units.precision(recipe.expert()),
            Recompute.AUTO,
            Budget.BATCH,
            TorchDevice.CPU,
            1,
            MEASURE_SECONDS);
    int threads = Math.min(Runtime.getRuntime().availableProcessors(), options.experts() + 1);
    double samplesPerSecond = measure(config, Math.min(threads, options.volunteers()));
    Budget budget = Budget.of(options, samplesPerSecond);
    stage.say(
        String.format(
            Locale.ROOT,
            "This machine trains %.0f images/s now: %d steps for each of %d experts, %d for the"
                + " router.",
            samplesPerSecond,
            budget.steps(),
            options.experts(),
            budget.routerSteps()));
    return budget;
  }

  /**
   * What {@code workers} of one thread each train in a second together: cores share caches, and
   * perhaps more, and other programs may be running.
   */
  private double measure(MeasureConfig config, int workers)
      throws IOException, InterruptedException {
    List<Callable<MeasureResult>> measurements = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      Path folder = options.out().resolve("nodes").resolve("measure-" + i);
      measurements.add(() -> {
        try (WorkerProcess worker = Workers.create(folder, folder.resolve("worker.log"), 1)) {
          return JSON.treeToValue(
              worker.run(MeasureJob.KIND, config, event -> {}), MeasureResult.class);
        }
      });
    }
    double samplesPerSecond = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<MeasureResult> measured : threads.invokeAll(measurements)) {
        samplesPerSecond += measured.get().samplesPerSecond();
      }
    } catch (ExecutionException e) {
      throw new IOException("the speed of this machine cannot be measured: " + e.getMessage(), e);
    }
    return samplesPerSecond;
  }

  private SmallRecipe recipe(long steps, long routerSteps, long manifestMs) {
    return new SmallRecipe(
        options.imageSize(),
        options.width(),
        Budget.BATCH,
        steps,
        routerSteps,
        10_000,
        manifestMs,
        SEED,
        Optional.empty());
  }

  private Task create(Dataset dataset, Budget budget, SkerryHome home) throws NodeException {
    home.create();
    PrivateKey key = IdentityFile.loadOrCreate(home.identityKey());
    SmallRecipe recipe = recipe(budget.steps(), budget.routerSteps(), budget.manifestMs());
    boolean builtIn = options.images().equals(TaskMaker.BUILT_IN);
    TaskPlan plan =
        new TaskPlan(
            options.name(),
            "made by skerry demo from " + (builtIn ? "the built-in pictures" : options.images()),
            builtIn ? BUILT_IN_LICENCE : "that of the images",
            recipe.expertModel(),
            recipe.routerModel(),
            recipe.expert(),
            recipe.router(),
            1,
            LEASE_MS,
            new AcceptancePolicy(List.of(PeerId.of(key.publicKey())), 1, 0.01, 0.1));
    Task task =
        TaskMaker.make(
            dataset.images(), TaskSpec.of(options.experts(), SEED), plan, taskFolder(), key);
    stage.say(
        "The researcher clustered them into " + task.manifest().clustering().sizes() + " images.");
    return task;
  }

  private NodeProcess start(String name, String... arguments) throws NodeException, IOException {
    List<String> all =
        new ArrayList<>(List.of("node", "run", "--name", name, "--listen", "/ip4/127.0.0.1/tcp/0"));
    all.addAll(List.of(arguments));
    NodeProcess node = NodeProcess.start(name, home(name), all);
    nodes.put(name, node);
    watch.follow(name, node.home());
    return node;
  }

  private String startBootstrap() throws NodeException, IOException, InterruptedException {
    NodeProcess node = start("bootstrap", "--no-train", "--no-evaluate");
    String address = started(node).addresses().getFirst();
    stage.say("A bootstrap node listens on " + address);
    return address;
  }

  /** Waits until a node is up. */
  private Event.Started started(NodeProcess node)
      throws NodeException, IOException, InterruptedException {
    long limit = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < limit && node.isAlive()) {
      watch.poll();
      Optional<Event.Started> started = watch.first(node.name(), Event.Started.class);
      if (started.isPresent() && Files.exists(node.home().control())) {
        return started.get();
      }
      Thread.sleep(100);
    }
    throw new NodeException(
        Reason.FAILED,
        "the " + node.name() + " node did not start",
        "read " + node.home().logs().resolve("terminal.log"));
  }

  private void startResearcher(String bootstrap)
      throws NodeException, IOException, InterruptedException {
    started(start("researcher", "--no-train", "--bootstrap", bootstrap, "--threads", "1"));
  }

  private void publish(SkerryHome researcher) throws NodeException, InterruptedException {
    try (ControlClient client = ControlClient.open(researcher)) {
      long limit = System.nanoTime() + START_LIMIT.toNanos();
      while (client.status().routingTable() == 0 && System.nanoTime() < limit) {
        Thread.sleep(100);
      }
      client.publish(taskFolder());
    }
  }

  private void startVolunteers(String bootstrap, PeerId publisher)
      throws NodeException, IOException, InterruptedException {
    String[] common = {
      "--bootstrap",
      bootstrap,
      "--publisher",
      publisher.toString(),
      "--threads",
      "1",
      "--nice",
      "2",
    };
    if (options.liar()) {
      start("liar", with(common, "--no-evaluate", "--liar"));
      awaitLiar();
    }
    for (String name : Names.of(options.volunteers())) {
      start(name, with(common, "--no-evaluate"));
    }
  }

  /** The liar must have something to lie about before the others look for it. */
  private void awaitLiar() throws IOException, InterruptedException {
    long limit = System.nanoTime() + LIAR_LIMIT.toNanos();
    long blobs = 2L * options.experts() + 1; // an index and a shard of each, and the router's index
    while (watch.count("liar", Event.BlobFetched.class) < blobs && System.nanoTime() < limit) {
      watch.poll();
      Thread.sleep(POLL_MS);
    }
    Thread.sleep(LIAR_ANNOUNCES_MS);
  }

  private static String[] with(String[] first, String... more) {
    List<String> out = new ArrayList<>(List.of(first));
    out.addAll(List.of(more));
    return out.toArray(String[]::new);
  }

  /**
   * Watches until every unit is finished. When the time is up, what was accepted until then is
   * enough; on a machine that was slower than it seemed, the first accepted weights are waited for.
   */
  private void train(Task task, Budget budget) throws IOException, InterruptedException {
    double deadline = options.minutes() * 60 - WRAP_UP_SECONDS;
    double patience = PATIENCE * options.minutes() * 60;
    while (watch.finished().size() < task.units().size()
        && (seconds() < deadline || (seconds() < patience && !enough(task)))) {
      watch.poll();
      if (options.kill() && victim == null) {
        killOne();
      }
      stage.status(statusLine(budget));
      Thread.sleep(POLL_MS);
    }
    stage.status("");
    if (watch.finished().size() < task.units().size()) {
      stage.say("The time is up: what was accepted until now is used.");
      pauseVolunteers();
    }
  }

  /** What they would still learn comes too late, and the consumer needs the machine. */
  private void pauseVolunteers() throws InterruptedException {
    List<Thread> pausing = new ArrayList<>();
    for (String name : Names.of(options.volunteers())) {
      NodeProcess node = nodes.get(name);
      if (node != null && node.isAlive()) {
        pausing.add(
            Thread.ofVirtual()
                .start(() -> {
                  try (ControlClient client = ControlClient.open(node.home())) {
                    client.pause(Optional.empty());
                  } catch (NodeException e) {
                    stage.say("  " + name + " goes on training: " + e.getMessage());
                  }
                }));
      }
    }
    for (Thread thread : pausing) {
      thread.join();
    }
  }

  private boolean enough(Task task) {
    return watch.accepted().size() == task.units().size()
        && (victimUnit == null ? !options.kill() : watch.takeOver(victimUnit).isPresent());
  }

  private String statusLine(Budget budget) {
    StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%4.0f s", seconds()));
    watch
        .progress()
        .forEach((unit, step) ->
            line.append(
                String.format(
                    Locale.ROOT,
                    "  %s %.0f%% %.2f",
                    unit.replace("expert-", "e"),
                    100.0
                        * step.step()
                        / (unit.equals("router") ? budget.routerSteps() : budget.steps()),
                    step.loss())));
    return line.toString();
  }

  private void killOne() {
    watch
        .firstAcceptedExpert()
        .ifPresent(logged -> {
          Event.Attested attested = (Event.Attested) logged.event();
          String name = watch.nodeOf(attested.author());
          NodeProcess node = nodes.get(name);
          if (node != null && !watch.finished().contains(attested.unit())) {
            node.kill();
            victim = name;
            victimUnit = attested.unit();
            watch.take(
                new LoggedEvent(
                    System.currentTimeMillis(), "demo", "", new Event.Killed(name, "SIGKILL")));
          }
        });
  }

  private Optional<String> liarPeer() {
    return watch.events().stream()
        .filter(logged -> logged.node().equals("liar"))
        .map(LoggedEvent::peer)
        .findFirst();
  }

  private void pull(Task task, String bootstrap)
      throws NodeException, IOException, InterruptedException {
    stage.say("A consumer pulls the accepted weights by name.");
    try (NodeProcess consumer =
        NodeProcess.start(
            "consumer",
            home("consumer"),
            List.of(
                "pull",
                task.publisher() + "/" + task.name(),
                "--bootstrap",
                bootstrap,
                "--out",
                options.out().resolve("ensemble.json").toAbsolutePath().toString()))) {
      consumer.join(PULL_LIMIT);
    }
  }

  @Override
  public void close() {
    List<NodeProcess> all = new ArrayList<>(nodes.values());
    List<Thread> closing = new ArrayList<>();
    for (NodeProcess node : all) {
      closing.add(Thread.ofVirtual().start(node::close));
    }
    for (Thread thread : closing) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
