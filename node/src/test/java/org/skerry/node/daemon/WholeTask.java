package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.ensemble.Puller;
import org.skerry.node.ensemble.folder.Folders;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.SpeedBook;
import org.skerry.node.estimate.UnitPlan;
import org.skerry.node.event.Event;
import org.skerry.node.home.IdentityFile;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.task.TaskFolder;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.WorkerProcess;
import org.skerry.transfer.fetch.Progress;

/**
 * A task from {@code skerry task create} to {@code skerry sample}, over peers that never saw the
 * researcher's files: everything between runs the node's own classes and real worker processes.
 */
final class WholeTask implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final Path folder;
  private final SkerryHome researcher;
  private final SkerryHome consumer;
  private final SimulatedNetwork network = new SimulatedNetwork(1);
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  WholeTask(Path folder) {
    this.folder = folder;
    this.researcher = new SkerryHome(folder.resolve("researcher"));
    this.consumer = new SkerryHome(folder.resolve("consumer"));
  }

  /** {@code skerry task create} with a small model, into {@link #made}. */
  CommandRun create(Path images, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of("task", "create", "--images", images.toString(), "--name", "whole"));
    arguments.addAll(List.of("--width", "16", "--out", made().toString()));
    arguments.addAll(List.of(more));
    return CommandRun.of(folder.resolve("researcher"), arguments.toArray(String[]::new));
  }

  Path made() {
    return folder.resolve("whole.task");
  }

  /** Publishes what was created, trains all of its units, measures them, and pulls. */
  PulledEnsemble trainAndPull() throws Exception {
    TestPeer publisher =
        peer(
            new TestPeer(
                network,
                IdentityFile.loadOrCreate(researcher.identityKey()),
                folder.resolve("publisher")));
    TestPeer volunteer =
        peer(new TestPeer(network, TestPeer.key(2), folder.resolve("volunteer"))).join(publisher);
    TestPeer puller =
        peer(new TestPeer(network, TestPeer.key(3), folder.resolve("puller"))).join(publisher);
    Secrets secrets = Secrets.open(publisher.stack(), publisher.home().resolve("secrets"));
    toClose.push(secrets);
    Task task =
        new PublishedTasks(
                publisher.stack(),
                publisher.home().resolve("tasks"),
                secrets,
                publisher.events()::add)
            .publish(new TaskFolder(made()));
    train(task, volunteer);
    evaluate(task, publisher, secrets);
    assertThat(publisher.events(Event.Attested.class))
        .filteredOn(attested -> attested.unit().startsWith("expert"))
        .allMatch(Event.Attested::accepted);
    return pull(task, publisher, puller);
  }

  private TestPeer peer(TestPeer peer) {
    toClose.push(peer);
    return peer;
  }

  private static void train(Task task, TestPeer volunteer) throws Exception {
    try (WorkerProcess worker = volunteer.worker()) {
      for (Unit unit : task.units()) {
        new UnitTrainer(
                volunteer.stack(),
                volunteer.home().resolve("work"),
                task,
                unit,
                worker,
                new Estimates(
                    new Estimates.Machine("cpu", 1, "test/1", 4L << 30, Recompute.AUTO),
                    SpeedBook.open(volunteer.home().resolve("speeds.json")),
                    Optional.empty(),
                    InstantSource.system()),
                UnitPlan.of(task.manifest(), unit),
                volunteer.events()::add)
            .run(Optional.empty(), Optional.empty());
      }
    }
  }

  private static void evaluate(Task task, TestPeer publisher, Secrets secrets)
      throws InterruptedException {
    EvaluatorLoop loop =
        new EvaluatorLoop(
            publisher.stack(),
            () -> List.of(task),
            new Meter(publisher.stack(), secrets, publisher.home(), publisher.worker(), 1),
            InstantSource.system(),
            publisher.events()::add);
    Thread thread = Thread.ofVirtual().start(loop);
    try {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> publisher.events(Event.Attested.class).size() == task.units().size());
    } finally {
      loop.stop();
      thread.join();
    }
  }

  private PulledEnsemble pull(Task task, TestPeer publisher, TestPeer puller) throws Exception {
    PeerStack stack = puller.stack();
    PulledEnsemble pulled =
        new Puller(
                stack.boards(),
                (blob, title) -> stack.blobs().fetch(blob, List.of(), Progress.Listener.NONE),
                List.of(publisher.id()),
                stack.refusals(),
                text -> {})
            .pull(task, Puller.Wish.ACCEPTED);
    pulled.write(consumer.model("whole"));
    Files.createDirectories(consumer.fetched());
    try (Stream<Path> blobs = Files.list(puller.home().resolve("blobs"))) {
      for (Path blob : blobs.filter(Files::isRegularFile).toList()) {
        Files.copy(blob, consumer.fetched().resolve(blob.getFileName()));
      }
    }
    assertThat(pulled.experts()).as("accepted experts").hasSize(task.manifest().partitions());
    return pulled;
  }

  /** {@code skerry sample} of what was pulled, into {@code folder}. */
  CommandRun sample(Path target, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("sample", "whole", "--count", "4", "--steps", "4"));
    arguments.addAll(List.of("--threads", "1", "--out", target.toString()));
    arguments.addAll(List.of(more));
    return consumer(arguments.toArray(String[]::new));
  }

  /** A command at home with the consumer. */
  CommandRun consumer(String... arguments) {
    return CommandRun.of(consumer.root(), arguments);
  }

  /** Exports what was pulled, and has somebody else import it: nothing may get lost or change. */
  void assertTravels() throws IOException {
    Path out = folder.resolve("exported");
    CommandRun exported = consumer("export", "whole", "--out", out.toString());
    assertThat(exported.status()).as(exported.err()).isZero();
    SkerryHome other = new SkerryHome(folder.resolve("other"));
    CommandRun imported = CommandRun.of(other.root(), "import", out.toString());
    assertThat(imported.status()).as(imported.err()).isZero();
    assertThat(PulledEnsemble.read(other.model("whole"))).isEqualTo(PulledEnsemble.read(note()));
    assertThat(CommandRun.of(other.root(), "verify", "whole").status()).isZero();
    Path again = folder.resolve("exported-again");
    assertThat(CommandRun.of(other.root(), "export", "whole", "--out", again.toString()).status())
        .isZero();
    assertThat(Folders.content(again)).isEqualTo(Folders.content(out));
  }

  /** The file of a pulled blob. */
  Path fetched(String blob) {
    return consumer.fetched().resolve(blob);
  }

  /** The note about what was pulled. */
  Path note() {
    return consumer.model("whole");
  }

  /** The pictures that were made, by name. */
  static List<Path> pictures(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(f -> f.toString().endsWith(".png")).sorted().toList();
    }
  }

  @Override
  public void close() {
    Closing.all(toClose);
    network.close();
  }
}
