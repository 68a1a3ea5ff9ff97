package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.NodeException;
import org.skerry.node.task.SmallRecipe;
import org.skerry.node.task.TaskMaker;
import org.skerry.node.task.TaskPlan;
import org.skerry.trainer.dataset.BuiltInPictures;
import org.skerry.trainer.partition.TaskSpec;
import org.skerry.transfer.store.FreeSpace;

/** Peer stacks over real sockets on loopback, the first of which the others join through. */
final class Neighbourhood implements AutoCloseable {
  private final Path folder;
  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();
  private Optional<Multiaddr> first = Optional.empty();

  Neighbourhood(Path folder) {
    this.folder = folder;
  }

  static PrivateKey key(int of) {
    byte[] seed = new byte[32];
    Arrays.fill(seed, (byte) of);
    return PrivateKey.ofSeed(seed);
  }

  static PeerId peer(int of) {
    return PeerId.of(key(of).publicKey());
  }

  Path home(int of) {
    return folder.resolve("home-" + of);
  }

  /** A stack that has joined. */
  PeerStack stack(int of) throws IOException, NodeException {
    Path home = Files.createDirectories(home(of));
    PeerStack stack =
        PeerStack.open(
            Hosts.listen(key(of), List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")), "test"),
            key(of),
            new PeerStack.Settings(
                Optional.of(home.resolve("db")),
                home.resolve("blobs"),
                FreeSpace.OF_FILE_SYSTEM,
                true,
                true,
                false),
            InstantSource.system(),
            event -> {});
    toClose.push(stack);
    if (first.isEmpty()) {
      Multiaddr address = stack.host().listenAddresses().getFirst();
      first = Optional.of(address.withPeerId(stack.host().peerId()));
    } else {
      stack.join(List.of(first.get()));
    }
    return stack;
  }

  <T extends AutoCloseable> T closing(T part) {
    toClose.push(part);
    return part;
  }

  /** A signed task of two tiny experts and a router, in a folder to publish. */
  Path task(int publisher, int... evaluators) throws NodeException {
    Path target = folder.resolve("made.task");
    SmallRecipe recipe = new SmallRecipe(8, 8, 8, 4, 4, 60_000, 60_000, 1, Optional.empty());
    List<PeerId> named = Arrays.stream(evaluators).mapToObj(Neighbourhood::peer).toList();
    TaskPlan plan =
        new TaskPlan(
            "tiny",
            "a test",
            "CC0-1.0",
            recipe.expertModel(),
            recipe.routerModel(),
            recipe.expert(),
            recipe.router(),
            1,
            20_000,
            new AcceptancePolicy(named, 1, 0.01, 0.05));
    TaskMaker.make(
        BuiltInPictures.generate(120, 8, 1), TaskSpec.of(2, 1), plan, target, key(publisher));
    return target;
  }

  @Override
  public void close() {
    Closing.all(toClose);
  }
}
