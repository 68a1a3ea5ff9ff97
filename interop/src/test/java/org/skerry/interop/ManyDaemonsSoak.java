package org.skerry.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.Multiaddr;
import org.skerry.node.NodeException;
import org.skerry.node.control.ControlClient;
import org.skerry.node.control.NodeStatus;
import org.skerry.node.control.TaskStatus;
import org.skerry.node.home.SkerryHome;

/**
 * Sixty daemons in processes of their own, which die at random for twenty minutes and are started
 * again, while some of them train a tiny task and a js-libp2p node lives among them. How many and
 * for how long: {@code -Dskerry.daemons=60 -Dskerry.minutes=20}.
 */
class ManyDaemonsSoak {
  private static final int DAEMONS = Integer.getInteger("skerry.daemons", 60);
  private static final int MINUTES = Integer.getInteger("skerry.minutes", 20);
  private static final int VOLUNTEERS = 4;
  private static final int CONTACTS = 3;
  private static final int KILL_EVERY_S = 10;
  private static final int DOWN_S = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  @TempDir Path folder;

  private final long seed = Long.getLong("skerry.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<DaemonProcess> daemons = new ArrayList<>();

  @AfterEach
  void close() {
    daemons.forEach(DaemonProcess::close);
  }

  @Test
  void aNetworkThatIsKilledAllTheTimeFinishesATaskAndServesAForeignNode() throws Exception {
    System.out.println("seed " + seed);
    startAll();
    Path task = folder.resolve("tiny.task");
    run(
        researcher().home(),
        List.of(
            "task",
            "create",
            "--images",
            "builtin",
            "--size",
            "8",
            "--experts",
            "2",
            "--width",
            "16",
            "--steps",
            "1500",
            "--batch",
            "16",
            "--manifest-every",
            "20",
            "--name",
            "tiny",
            "--out",
            task.toString()));
    try (JsPeer js = JsPeer.start(Map.of("dht", true))) {
      for (DaemonProcess contact : daemons.subList(0, CONTACTS)) {
        js.run("dial", Map.of("address", contact.address().toString()));
      }
      try (ControlClient client = ControlClient.open(researcher().home())) {
        client.publish(task);
      }
      int[] resolved = live(js);
      assertThat(resolved[1]).as("of what the js node asked for").isGreaterThan(MINUTES);
      assertThat(resolved[0] / (double) resolved[1]).as("resolved").isGreaterThan(0.97);
      daemons.forEach(this::startAgain);
      await().atMost(PATIENCE).until(this::everyUnitIsAccepted);
      await().atMost(PATIENCE).until(() -> daemons.stream().allMatch(this::isConnected));
      await().atMost(PATIENCE).until(() -> finds(js, daemons.get(random.nextInt(daemons.size()))));
    }
    SkerryHome consumer = new SkerryHome(folder.resolve("consumer"));
    consumer.create();
    run(
        consumer,
        List.of(
            "pull",
            researcher().peer() + "/tiny",
            "--bootstrap",
            daemons.get(1).address().toString()));
  }

  /** The contacts of all first, then the researcher, then those who train. */
  private void startAll() throws IOException, NodeException, InterruptedException {
    for (int i = 0; i < DAEMONS; i++) {
      List<String> more = new ArrayList<>(List.of("--threads", "1", "--nice", "5"));
      for (DaemonProcess contact : daemons.subList(0, Math.min(i, CONTACTS))) {
        more.addAll(List.of("--bootstrap", contact.address().toString()));
      }
      boolean trains = i > CONTACTS && i <= CONTACTS + VOLUNTEERS;
      more.addAll(
          trains ? List.of("--publisher", researcher().peer().toString()) : List.of("--no-train"));
      if (i != CONTACTS) {
        more.add("--no-evaluate");
      }
      DaemonProcess daemon = new DaemonProcess(folder, "d" + i, more);
      daemons.add(daemon);
      daemon.start();
      if (i % 4 == 3) {
        // A few JVMs at a time: the machine may have two cores.
        await().atMost(PATIENCE).until(() -> daemon.status().isPresent());
      }
    }
    await().atMost(PATIENCE).until(() -> daemons.stream().allMatch(this::isConnected));
  }

  private DaemonProcess researcher() {
    return daemons.get(CONTACTS);
  }

  private boolean isConnected(DaemonProcess daemon) {
    return daemon.status().map(NodeStatus::routingTable).orElse(0) >= Math.min(20, DAEMONS / 2);
  }

  private static void run(SkerryHome home, List<String> arguments) throws Exception {
    Process process = DaemonProcess.run(home, arguments);
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("%s ends", arguments).isTrue();
    assertThat(process.exitValue()).as("status of %s; see %s", arguments, home.logs()).isZero();
  }

  /** Returns how many of the js node's questions were answered, and how many it asked. */
  private int[] live(JsPeer js) throws Exception {
    int[] resolved = new int[2];
    long endNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(MINUTES);
    List<DaemonProcess> down = new ArrayList<>();
    List<Long> upAgainNanos = new ArrayList<>();
    while (System.nanoTime() < endNanos) {
      DaemonProcess victim = daemons.get(random.nextInt(daemons.size()));
      if (victim.isAlive()) {
        victim.kill();
        down.add(victim);
        upAgainNanos.add(System.nanoTime() + TimeUnit.SECONDS.toNanos(DOWN_S));
      }
      long nextKillNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(KILL_EVERY_S);
      ask(js, resolved);
      while (!down.isEmpty() && upAgainNanos.getFirst() < System.nanoTime()) {
        upAgainNanos.removeFirst();
        down.removeFirst().start();
      }
      Thread.sleep(Math.max(0, (nextKillNanos - System.nanoTime()) / 1_000_000));
    }
    System.out.printf("the js node resolved %d of %d%n", resolved[0], resolved[1]);
    return resolved;
  }

  /** Looks for a daemon that has been there for a while. */
  private void ask(JsPeer js, int[] resolved) {
    List<DaemonProcess> settled = daemons.stream().filter(d -> d.isUpFor(90)).toList();
    if (settled.isEmpty()) {
      return;
    }
    boolean found = finds(js, settled.get(random.nextInt(settled.size())));
    resolved[0] += found ? 1 : 0;
    resolved[1]++;
  }

  private boolean finds(JsPeer js, DaemonProcess daemon) {
    try {
      return js.run("findPeer", Map.of("peer", daemon.peer().toString()))
          .get("addresses")
          .toString()
          .contains(daemon.address().value(Multiaddr.Protocol.TCP).orElseThrow());
    } catch (JsPeer.JsException e) {
      System.out.println("js: " + e.getMessage());
      return false;
    }
  }

  private void startAgain(DaemonProcess daemon) {
    try {
      if (!daemon.isAlive()) {
        daemon.start();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean everyUnitIsAccepted() {
    try (ControlClient client = ControlClient.open(researcher().home())) {
      List<TaskStatus> tasks = client.tasks();
      return !tasks.isEmpty()
          && tasks.getFirst().units().stream().allMatch(unit -> unit.accepted() > 0);
    } catch (NodeException e) {
      return false;
    }
  }
}
