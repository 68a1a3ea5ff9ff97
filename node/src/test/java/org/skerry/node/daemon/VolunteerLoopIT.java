package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.board.document.Claim;
import org.skerry.board.document.Measurements;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.Task;
import org.skerry.board.document.Unit;
import org.skerry.board.document.WeightManifest;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.node.estimate.Estimates;
import org.skerry.node.estimate.SpeedBook;
import org.skerry.node.estimate.SpeedMeter;
import org.skerry.node.event.Event;
import org.skerry.node.guest.Hindrance;
import org.skerry.node.task.TaskFolder;
import org.skerry.trainer.training.Recompute;
import org.skerry.trainer.worker.job.MeasureResult;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.fetch.Progress;

/** What volunteers do with a real task in real workers; the test speaks for the evaluator. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class VolunteerLoopIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Hindrance WISH = new Hindrance("pause", "paused by you", Optional.empty());
  private static final long ENDLESS = 1_000_000;
  private static final Measurements GOOD =
      new Measurements(0.1, 0.1, 0.1, 0.1, 1, 1, Double.NaN, true, Optional.empty());

  @TempDir Path folder;

  private final SimulatedNetwork network = new SimulatedNetwork(1);
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private long memoryBytes = 4L << 30;
  private Optional<SpeedMeter> meter = Optional.empty();
  private int peers;

  @AfterEach
  void close() {
    Closing.all(toClose);
    network.close();
  }

  private TestPeer peer() throws IOException {
    int number = ++peers;
    TestPeer peer = new TestPeer(network, TestPeer.key(number), folder.resolve("peer-" + number));
    toClose.push(peer);
    return peer;
  }

  private Task publish(TestPeer publisher, TinyTask wanted) throws Exception {
    TaskFolder made = wanted.create(folder.resolve("made"), publisher.key());
    Secrets secrets = Secrets.open(publisher.stack(), publisher.home().resolve("secrets"));
    toClose.push(secrets);
    return new PublishedTasks(
            publisher.stack(), publisher.home().resolve("tasks"), secrets, publisher.events()::add)
        .publish(made);
  }

  /** A volunteer that looks at the tasks of {@code publishers}, on a thread of its own. */
  private VolunteerLoop volunteer(TestPeer peer, Collection<PeerId> publishers) {
    VolunteerLoop loop =
        new VolunteerLoop(
            peer.stack(),
            new TaskFinder(peer.stack().boards(), publishers),
            new TaskWork.Settings(
                peer.home().resolve("work"),
                peer.home().resolve("worker.log"),
                1,
                0,
                100,
                "test",
                "test/1",
                new Estimates(
                    new Estimates.Machine("cpu", 1, "test/1", memoryBytes, Recompute.AUTO),
                    SpeedBook.open(peer.home().resolve("speeds.json")),
                    meter,
                    InstantSource.system()),
                Recompute.AUTO,
                Optional.empty()),
            InstantSource.system(),
            peer.events()::add);
    Thread thread = Thread.ofVirtual().start(loop);
    toClose.push(() -> {
      loop.stop();
      thread.join();
    });
    return loop;
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).until(condition);
  }

  @Test
  void aUnitThatNeedsMoreMemoryThanIsLentIsLeftAloneWithBothNumbers() throws Exception {
    TestPeer publisher = peer();
    publish(publisher, TinyTask.of(40));
    memoryBytes = 200L << 20;
    TestPeer small = peer().join(publisher);
    VolunteerLoop loop = volunteer(small, List.of(publisher.id()));
    await(() -> loop.standby().contains("limits.memory = 200.0 MiB"));
    assertThat(small.events(Event.TooLarge.class))
        .hasSize(3)
        .allSatisfy(event -> assertThat(event.memoryBytes()).isGreaterThan(memoryBytes));
    assertThat(small.events(Event.Claimed.class)).isEmpty();
  }

  @Test
  void aUnitIsMeasuredBeforeItIsClaimedAndPauseAndStopDoNotWaitForThat() throws Exception {
    TestPeer publisher = peer();
    publish(publisher, TinyTask.of(ENDLESS).withPartitions(1));
    TestPeer peer = peer().join(publisher);
    AtomicInteger begun = new AtomicInteger();
    AtomicInteger interrupted = new AtomicInteger();
    CountDownLatch mayEnd = new CountDownLatch(1);
    meter =
        Optional.of((plan, batch, recomputes) -> {
          begun.incrementAndGet();
          try {
            mayEnd.await();
            return new MeasureResult(40, 40.0 / batch, 1 << 20);
          } catch (InterruptedException e) {
            interrupted.incrementAndGet();
            throw e;
          }
        });
    VolunteerLoop loop = volunteer(peer, List.of(publisher.id()));
    await(() -> loop.standby().contains("measuring"));
    assertThat(loop.standby()).contains("expert-0 of");

    long before = System.nanoTime();
    loop.pause(WISH);
    loop.awaitRest(PATIENCE);
    await(() -> interrupted.get() == 1);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
    loop.resume();
    await(() -> begun.get() == 2);
    assertThat(peer.events(Event.Claimed.class)).isEmpty();

    mayEnd.countDown();
    await(() -> !peer.events(Event.WorkerStarted.class).isEmpty());
    Event.Estimated estimated = peer.events(Event.Estimated.class).getFirst();
    assertThat(estimated.samplesPerSecond()).isEqualTo(40);
    assertThat(estimated.hours()).isPositive();
    assertThat(estimated.memoryBytes()).isPositive();
    List<Event> told = List.copyOf(peer.events());
    assertThat(told.indexOf(estimated))
        .isLessThan(told.indexOf(peer.events(Event.Claimed.class).getFirst()));
    assertThat(begun.get()).isEqualTo(2);
  }

  @Test
  void aMeasurementThatNeverEndsDoesNotKeepTheLoopFromEnding() throws Exception {
    TestPeer publisher = peer();
    publish(publisher, TinyTask.of(40).withPartitions(1));
    TestPeer peer = peer().join(publisher);
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    meter =
        Optional.of((plan, batch, recomputes) -> {
          try {
            never.await();
            throw new IllegalStateException("it was never let go");
          } finally {
            interrupted.countDown();
          }
        });
    VolunteerLoop loop = volunteer(peer, List.of(publisher.id()));
    await(() -> loop.standby().contains("measuring"));
    loop.stop();
    assertThat(interrupted.await(3, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void ofTwoVolunteersForOneUnitOneTrainsPublishesFinishesAndReleases() throws Exception {
    TestPeer publisher = peer();
    Task task = publish(publisher, TinyTask.of(40).withPartitions(1));
    finishUntrained(publisher, task, task.manifest().routerUnit().orElseThrow());
    Unit unit = task.unit(0);
    List<TestPeer> volunteers = List.of(peer().join(publisher), peer().join(publisher));
    for (TestPeer peer : volunteers) {
      volunteer(peer, List.of(publisher.id()));
    }
    await(() -> manifests(publisher, task, unit).size() == 1);
    SignedDocument<WeightManifest> last = manifests(publisher, task, unit).getFirst();
    assertThat(last.document().last()).isTrue();
    assertThat(last.document().step()).isEqualTo(40);
    accept(publisher, task, last);

    TestPeer winner = volunteers.get(last.signer().equals(volunteers.get(0).id()) ? 0 : 1);
    TestPeer other = volunteers.get(winner == volunteers.get(0) ? 1 : 0);
    await(() -> !winner.events(Event.UnitFinished.class).isEmpty());
    await(() -> liveClaims(publisher, task, unit).isEmpty());
    assertThat(winner.events(Event.Claimed.class)).hasSize(1);
    assertThat(winner.events(Event.LeaseLost.class)).isEmpty();
    assertThat(other.events(Event.WorkerStarted.class)).isEmpty();
    await(() ->
        List.of(winner, other).stream()
            .allMatch(v ->
                v.events(Event.Standby.class).stream()
                    .anyMatch(s -> s.why().contains("taken or finished"))));
    assertThat(winner.stack().blobs().store().has(new BlobId(last.document().weights()))).isTrue();
    assertThat(winner.home().resolve("work").resolve(task.id().toString()).resolve("expert-0"))
        .doesNotExist();
  }

  @Test
  void aTaskThatItsPublisherTakesBackIsLeft() throws Exception {
    TestPeer publisher = peer();
    Task task = publish(publisher, TinyTask.of(ENDLESS).withPartitions(1));
    TestPeer peer = peer().join(publisher);
    volunteer(peer, List.of(publisher.id()));
    await(() -> !peer.events(Event.WorkerStarted.class).isEmpty());
    publisher.stack().boards().post(task, publisher.stack().signer().withdrawal(task, "over"));
    await(() ->
        peer.events(Event.LeaseLost.class).stream()
            .anyMatch(lost -> lost.why().contains("its publisher took the task back")));
    await(() -> liveClaims(publisher, task, task.unit(0)).isEmpty());
    assertThat(peer.events(Event.Claimed.class)).hasSize(1);
  }

  @Test
  void aKilledWorkerGoesOnFromItsCheckpointAndAPausedOneMakesNoStep() throws Exception {
    TestPeer publisher = peer();
    Task task =
        publish(publisher, TinyTask.of(ENDLESS).withPartitions(1).withIntervalsMs(300, 600_000));
    TestPeer peer = peer().join(publisher);
    VolunteerLoop loop = volunteer(peer, List.of(publisher.id()));
    await(() -> peer.events(Event.Checkpoint.class).size() >= 2);

    long pid = peer.events(Event.WorkerStarted.class).getLast().process();
    assertThat(ProcessHandle.of(pid).orElseThrow().destroyForcibly()).isTrue();
    await(() -> peer.events(Event.WorkerLost.class).size() == 1);
    long kept = peer.events(Event.Checkpoint.class).getLast().step();
    await(() -> stepsSince(peer, Event.WorkerLost.class).size() >= 1);
    assertThat(peer.events(Event.WorkerLost.class).getFirst().how())
        .isEqualTo("killed by signal 9");
    assertThat(stepsSince(peer, Event.WorkerLost.class).getFirst().step()).isGreaterThan(kept);
    assertThat(peer.events(Event.LeaseLost.class)).isEmpty();

    loop.pause(WISH);
    loop.awaitRest(PATIENCE);
    assertThat(loop.trainer().orElseThrow().isResting()).isTrue();
    int steps = peer.events(Event.Step.class).size();
    long checkpoint = peer.events(Event.Checkpoint.class).getLast().step();
    Awaitility.await()
        .during(Duration.ofMillis(2_500))
        .atMost(PATIENCE)
        .until(() -> peer.events(Event.Step.class).size() == steps);
    assertThat(liveClaims(publisher, task, loop.trainer().orElseThrow().unit())).hasSize(1);

    loop.resume();
    await(() -> peer.events(Event.Step.class).size() > steps + 1);
    assertThat(peer.events(Event.Step.class).getLast().step()).isGreaterThan(checkpoint);
    assertThat(peer.events(Event.WorkerStarted.class)).hasSize(2);
  }

  @Test
  void whoVanishesIsReplacedFromItsNewestAcceptedManifest() throws Exception {
    TestPeer publisher = peer();
    Task task =
        publish(
            publisher,
            TinyTask.of(ENDLESS).withPartitions(1).withLeaseMs(6_000).withIntervalsMs(300, 400));
    finishUntrained(publisher, task, task.manifest().routerUnit().orElseThrow());
    Unit unit = task.unit(0);
    TestPeer victim = peer().join(publisher);
    VolunteerLoop lost = volunteer(victim, List.of(publisher.id()));
    await(() -> manifests(publisher, task, unit).size() == 1);
    SignedDocument<WeightManifest> accepted = manifests(publisher, task, unit).getFirst();
    accept(publisher, task, accepted);
    for (Cid blob :
        List.of(accepted.document().weights(), accepted.document().resume().orElseThrow())) {
      publisher
          .stack()
          .blobs()
          .fetch(new BlobId(blob), List.of(victim.id()), Progress.Listener.NONE);
    }
    await(() ->
        manifests(publisher, task, unit).stream()
            .anyMatch(m -> m.document().step() > accepted.document().step()));
    TestPeer heir = peer().join(publisher);
    volunteer(heir, List.of(publisher.id()));
    await(() -> !heir.events(Event.Standby.class).isEmpty());
    assertThat(heir.events(Event.Claimed.class)).isEmpty();

    long vanishedAt = System.nanoTime();
    victim.vanish();
    lost.stop();
    await(() -> !heir.events(Event.TakeOver.class).isEmpty());

    assertThat(Duration.ofNanos(System.nanoTime() - vanishedAt))
        .isGreaterThan(Duration.ofSeconds(3)); // a lease is not cut short
    Event.TakeOver takeOver = heir.events(Event.TakeOver.class).getFirst();
    assertThat(takeOver.parent()).isEqualTo(accepted.id().toString());
    assertThat(takeOver.author()).isEqualTo(victim.id().toString());
    await(() -> !heir.events(Event.ManifestPublished.class).isEmpty());
    Event.ManifestPublished heirs = heir.events(Event.ManifestPublished.class).getFirst();
    assertThat(heirs.parent()).isEqualTo(accepted.id().toString());
    assertThat(heirs.step()).isGreaterThan(accepted.document().step());
  }

  @Test
  void whoIsPausedForLongHandsItsLastWeightsToAStandbyThatHasTheDataByThen() throws Exception {
    TestPeer publisher = peer();
    Task task =
        publish(
            publisher,
            TinyTask.of(ENDLESS)
                .withPartitions(1)
                .withLeaseMs(6_000)
                .withIntervalsMs(300, 600_000));
    finishUntrained(publisher, task, task.manifest().routerUnit().orElseThrow());
    Unit unit = task.unit(0);
    TestPeer holder = peer().join(publisher);
    VolunteerLoop loop = volunteer(holder, List.of(publisher.id()));
    await(() -> holder.events(Event.Step.class).size() > 2);
    TestPeer heir = peer().join(publisher);
    volunteer(heir, List.of(publisher.id()));
    await(() ->
        heir.events(Event.Standby.class).stream()
            .anyMatch(standby -> standby.why().contains("serving the data of expert-0")));
    assertThat(heir.events(Event.Claimed.class)).isEmpty();

    loop.pause(WISH);
    loop.awaitRest(PATIENCE);
    await(() -> !heir.events(Event.Claimed.class).isEmpty());

    assertThat(holder.events(Event.LeaseLost.class))
        .singleElement()
        .satisfies(lost -> assertThat(lost.why()).contains("paused"));
    SignedDocument<WeightManifest> last = manifests(publisher, task, unit).getFirst();
    assertThat(last.signer()).isEqualTo(holder.id());
    assertThat(last.document().last()).isFalse(); // or the unit would end here, once it is accepted
    assertThat(publisher.stack().boards().board(task, unit.index()).claims())
        .map(SignedDocument::document)
        .filteredOn(claim -> claim.peer().equals(holder.id()))
        .singleElement()
        .satisfies(release -> {
          assertThat(release.isRelease()).isTrue();
          assertThat(release.manifest()).contains(last.id());
        });
  }

  @Test
  void unusableDataCostsTheLeaseAndIsLeftAlone() throws Exception {
    TestPeer publisher = peer();
    Task good = publish(publisher, TinyTask.of(ENDLESS).withPartitions(1));
    Cid junk = publisher.stack().blobs().store().add(new byte[] {1, 2, 3}).cid();
    Task bad = TinyTask.withIndex(good, publisher, junk);
    TestPeer peer = peer().join(publisher);
    volunteer(peer, List.of(publisher.id()));

    await(() -> peer.events(Event.LeaseLost.class).size() == bad.units().size());
    assertThat(peer.events(Event.LeaseLost.class))
        .allSatisfy(e ->
            assertThat(e.why())
                .contains("blob " + junk, "no index of shards", "; ")
                .doesNotContain("\n"));
    await(() -> bad.units().stream().allMatch(u -> liveClaims(publisher, bad, u).isEmpty()));
    await(() -> !peer.events(Event.Standby.class).isEmpty());
    assertThat(peer.events(Event.WorkerStarted.class)).isEmpty();
    assertThat(peer.events(Event.Claimed.class)).hasSize(bad.units().size());
  }

  @Test
  void nothingOfAPublisherThatWasNotAllowedIsFetched() throws Exception {
    TestPeer publisher = peer();
    Task task = publish(publisher, TinyTask.of(ENDLESS).withPartitions(1));
    TestPeer stranger = peer().join(publisher);
    TestPeer nobody = peer().join(publisher);
    volunteer(stranger, List.of(PeerId.of(TestPeer.key(77).publicKey())));
    volunteer(nobody, List.of());

    await(() -> !stranger.events(Event.Standby.class).isEmpty());
    await(() -> !nobody.events(Event.Standby.class).isEmpty());
    Awaitility.await()
        .during(Duration.ofSeconds(3))
        .atMost(PATIENCE)
        .until(() -> liveClaims(publisher, task, task.unit(0)).isEmpty());
    for (TestPeer peer : List.of(stranger, nobody)) {
      assertThat(peer.events()).hasOnlyElementsOfType(Event.Standby.class);
      assertThat(peer.stack().blobs().store().list()).isEmpty();
    }
    assertThat(nobody.events(Event.Standby.class).getFirst().why())
        .contains("no publisher is allowed", "[network] publishers");
  }

  private static List<Event.Step> stepsSince(TestPeer peer, Class<? extends Event> type) {
    List<Event> events = List.copyOf(peer.events());
    int from = events.indexOf(peer.events(type).getLast());
    return events.subList(from, events.size()).stream()
        .filter(Event.Step.class::isInstance)
        .map(Event.Step.class::cast)
        .toList();
  }

  private static List<SignedDocument<WeightManifest>> manifests(
      TestPeer reader, Task task, Unit unit) {
    return List.copyOf(reader.stack().boards().board(task, unit.index()).manifests());
  }

  private static List<Claim> liveClaims(TestPeer reader, Task task, Unit unit) {
    return reader.stack().boards().board(task, unit.index()).claims().stream()
        .map(SignedDocument::document)
        .filter(claim -> !claim.isRelease())
        .toList();
  }

  private static void accept(
      TestPeer evaluator, Task task, SignedDocument<WeightManifest> manifest) {
    evaluator
        .stack()
        .boards()
        .post(task, evaluator.stack().signer().attestation(task, manifest, GOOD));
  }

  /** So that there is one unit less to train. */
  private static void finishUntrained(TestPeer publisher, Task task, Unit unit) throws IOException {
    Cid blob = publisher.stack().blobs().store().add(new byte[] {9}).cid();
    accept(
        publisher,
        task,
        publisher
            .stack()
            .signer()
            .manifest(
                task,
                unit.index(),
                new Signer.Weights(
                    1, 1, Optional.empty(), blob, Optional.empty(), blob, 0, 0, "test/1", true)));
  }
}
