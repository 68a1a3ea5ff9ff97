package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.skerry.node.control.GuestStatus;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventTail;
import org.skerry.node.event.LoggedEvent;
import org.skerry.node.task.TaskFolder;

/** The owner's limits hold while a worker trains, and so do those that he changes meanwhile. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
@Execution(ExecutionMode.CONCURRENT)
class LimitsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration CALM = Duration.ofMillis(2_500);

  @TempDir Path folder;

  private Homes homes;
  private Daemon publisher;
  private Daemon volunteer;
  private String network = "";
  private EventTail tail;
  private final List<Event> told = new ArrayList<>();

  @BeforeEach
  void train() throws Exception {
    homes = new Homes(folder);
    publisher = homes.daemon("publisher", "SKERRY_VOLUNTEER_TRAIN", "false");
    TaskFolder task =
        TinyTask.of(1_000_000)
            .withPartitions(1)
            .withLeaseMs(60_000)
            .withIntervalsMs(500, 600_000)
            .create(folder.resolve("made"), homes.key("publisher"));
    publisher.publish(task.folder());
    network =
        "[network]\nbootstrap = [\"%s\"]\npublishers = [\"%s\"]\n"
            .formatted(publisher.listenAddresses().getFirst(), homes.peer("publisher"));
    homes.key("volunteer");
    tail = new EventTail(homes.home("volunteer").events());
    write("");
    start();
    await(() -> count(Event.Step.class) > 1);
  }

  private void start() throws Exception {
    volunteer =
        homes.daemon("volunteer", "SKERRY_VOLUNTEER_THREADS", "", "SKERRY_VOLUNTEER_NICE", "");
  }

  @AfterEach
  void close() {
    homes.close();
  }

  /** Replaces all settings but those of the network. */
  private void write(String settings) throws IOException {
    Files.writeString(homes.home("volunteer").config(), network + settings);
  }

  private List<Event> told() throws IOException {
    tail.poll().stream().map(LoggedEvent::event).forEach(told::add);
    return told;
  }

  private long count(Class<? extends Event> type) throws IOException {
    return told().stream().filter(type::isInstance).count();
  }

  private <T extends Event> T last(Class<T> type) throws IOException {
    return told().stream().filter(type::isInstance).map(type::cast).toList().getLast();
  }

  private static void await(Callable<Boolean> condition) {
    Awaitility.await().atMost(PATIENCE).until(condition);
  }

  /** Awaits a pause, by {@code condition}, in which nothing is computed. */
  private GuestStatus.Hindered awaitPause(String condition) throws IOException {
    await(() -> volunteer.status().paused() && volunteer.status().safeToStop());
    assertThat(last(Event.Paused.class).by()).isEqualTo(condition);
    NodeStatus status = volunteer.status();
    GuestStatus.Hindered paused = Objects.requireNonNull(status.guest().paused());
    assertThat(status.doing()).startsWith(paused.reason());
    Duration before = workerCpu();
    long steps = count(Event.Step.class);
    Awaitility.await().during(CALM).atMost(PATIENCE).until(() -> count(Event.Step.class) == steps);
    assertThat(workerCpu().minus(before)).isLessThan(Duration.ofMillis(500));
    return paused;
  }

  private void awaitTraining() throws IOException {
    await(() -> !volunteer.status().paused());
    long steps = count(Event.Step.class);
    await(() -> count(Event.Step.class) > steps + 1);
  }

  private ProcessHandle worker() throws IOException {
    return ProcessHandle.of(last(Event.WorkerStarted.class).process())
        .orElseThrow(() -> new AssertionError("the worker is gone: " + told));
  }

  private Duration workerCpu() throws IOException {
    return worker().info().totalCpuDuration().orElseThrow();
  }

  @Test
  void programsAQuestionAndTheDiskPauseAndLetGoOn() throws Exception {
    long first = worker().pid();
    Path stop = folder.resolve("stop");
    write("[limits]\nask = \"test ! -e '" + stop + "'\"\n");
    await(() -> count(Event.Reconfigured.class) == 1);
    awaitTraining();
    Files.createFile(stop);
    write("[limits]\nask = \"! test -e '" + stop + "'\"\n");
    awaitPause("limits.ask");

    Path game = folder.resolve("some-game");
    Files.copy(Path.of("/bin/sleep"), game);
    assertThat(game.toFile().setExecutable(true)).isTrue();
    write("[limits]\npause-beside = [\"some-game\"]\n");
    awaitTraining();
    Process playing = new ProcessBuilder(game.toString(), "600").start();
    try {
      assertThat(awaitPause("limits.pause-beside").reason()).isEqualTo("some-game is running");
    } finally {
      playing.destroy();
    }
    awaitTraining();
    write("[limits]\nmin-free-disk = \"1000000 GiB\"\n");
    awaitPause("limits.min-free-disk");
    write("");
    awaitTraining();
    // Nothing of this cost a checkpoint, a worker or the claim.
    assertThat(worker().pid()).isEqualTo(first);
    assertThat(count(Event.LeaseLost.class)).isZero();

    // What is known to last longer than the claim is handed over at once.
    DayOfWeek yesterday = LocalDate.now().minusDays(1).getDayOfWeek();
    String name = yesterday.name().substring(0, 3).toLowerCase(Locale.ROOT);
    write("[limits]\nhours = [\"" + name + " 10:00-11:00\"]\n");
    await(() -> count(Event.LeaseLost.class) == 1);
    assertThat(last(Event.Paused.class).untilMs()).isGreaterThan(System.currentTimeMillis());
    assertThat(last(Event.LeaseLost.class).why()).contains("outside the hours for computing");
    assertThat(ProcessHandle.of(first).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void thePauseOfTheOwnerEndsInTimeAndOutlivesARestart() throws Exception {
    NodeStatus status = volunteer.pause(Optional.of(Duration.ofSeconds(4)));
    assertThat(status.paused()).isTrue();
    assertThat(status.safeToStop()).isTrue();
    assertThat(status.atRiskSeconds()).isZero();
    assertThat(Objects.requireNonNull(status.guest().paused()).untilMs()).isNotNull();
    awaitTraining();

    volunteer.pause(Optional.empty());
    volunteer.close();
    told();
    told.clear();
    start();
    await(() -> count(Event.Paused.class) == 1);
    Awaitility.await()
        .during(CALM)
        .atMost(PATIENCE)
        .until(() -> count(Event.WorkerStarted.class) == 0);
    assertThat(volunteer.resume().paused()).isFalse();
    await(() -> count(Event.Step.class) > 1);
  }

  @Test
  void whoFinishesHandsOverInTimeAndEnds() throws Exception {
    NodeStatus status = volunteer.finish(Optional.of(Duration.ofSeconds(3)));
    assertThat(status.doing()).contains("training expert-0, and stops when");
    volunteer.awaitStop();
    assertThat(last(Event.LeaseLost.class).why()).isEqualTo("its owner wants to stop");
    assertThat(last(Event.ManifestPublished.class).last()).isFalse();
    assertThat(volunteer.status().unit()).isEmpty();
  }

  @Test
  void aNewConfigurationHoldsWithoutARestartAndOneWithAMistakeDoesNot() throws Exception {
    write("[limits]\nduty = 20\nhours = [\"some day\"]\n");
    await(() -> count(Event.Misconfigured.class) == 1);
    assertThat(last(Event.Misconfigured.class).mistake())
        .contains("config.toml:6", "limits.hours", "write hours such as");
    assertThat(volunteer.status().duty()).isEqualTo(100);
    awaitTraining();

    ProcessHandle before = worker();
    String limitBefore = limits(before);
    write(
        "[volunteer]\nthreads = 1\nnice = 15\n[control]\nport = 4567\n"
            + "[limits]\nmemory = \"700 MiB\"\nduty = 20\n");
    await(() -> last(Event.WorkerStarted.class).process() != before.pid());
    assertThat(last(Event.Reconfigured.class).restart()).containsExactly("control.port");
    assertThat(before.isAlive()).isFalse();
    long kept = last(Event.Checkpoint.class).step();
    awaitTraining();
    assertThat(last(Event.Step.class).step()).isGreaterThan(kept);
    String stat = Files.readString(Path.of("/proc", "" + worker().pid(), "stat"));
    assertThat(stat.substring(stat.lastIndexOf(')')).split(" ")[17]).isEqualTo("15");
    assertThat(limits(worker())).contains("bytes").isNotEqualTo(limitBefore);
    assertThat(volunteer.status().threads()).isEqualTo(1);
    assertThat(volunteer.status().memoryLimitBytes()).isEqualTo(700L << 20);
    assertThat(count(Event.LeaseLost.class)).isZero();
    assertThat(shareOfAThread()).isBetween(0.01, 0.3); // of duty = 20
  }

  private double shareOfAThread() throws IOException, InterruptedException {
    Duration before = workerCpu();
    long begin = System.nanoTime();
    Thread.sleep(4_000);
    return workerCpu().minus(before).toNanos() / (double) (System.nanoTime() - begin);
  }

  /** The line about the data that {@code prlimit} limits. */
  private static String limits(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc", "" + process.pid(), "limits")).stream()
        .filter(line -> line.startsWith("Max data size"))
        .findFirst()
        .orElseThrow();
  }
}
