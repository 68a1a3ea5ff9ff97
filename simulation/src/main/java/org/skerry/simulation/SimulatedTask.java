package org.skerry.simulation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.skerry.board.document.AcceptancePolicy;
import org.skerry.board.document.Clustering;
import org.skerry.board.document.FlowPath;
import org.skerry.board.document.ModelFamily;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Optimizer;
import org.skerry.board.document.Precision;
import org.skerry.board.document.Recipe;
import org.skerry.board.document.Task;
import org.skerry.board.document.TaskManifest;
import org.skerry.board.document.TimeSampling;
import org.skerry.board.document.Unit;
import org.skerry.board.document.UnitKind;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.Multihash;

/** A task whose documents are true and whose blobs nobody has. */
public final class SimulatedTask {
  private SimulatedTask() {}

  /** Experts, and a router as the last unit, published and evaluated by {@code publisher}. */
  public static Task of(
      int unitCount, int redundancy, long leaseMs, PrivateKey publisher, long nowMs) {
    List<Unit> units = new ArrayList<>();
    for (int i = 0; i < unitCount - 1; i++) {
      units.add(unit(i, UnitKind.EXPERT, i));
    }
    units.add(unit(unitCount - 1, UnitKind.ROUTER, Unit.ALL_PARTITIONS));
    ModelSpec model = new ModelSpec(ModelFamily.UNET, 16, 3, 32, 3, 0, 0, 0);
    TaskManifest manifest =
        new TaskManifest(
            "simulated",
            "",
            "CC0-1.0",
            model,
            new TreeMap<>(),
            model,
            recipe(),
            new TreeMap<>(),
            recipe(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            FlowPath.RECTIFIED_FLOW,
            Optional.empty(),
            units,
            new Clustering("none", 0, "none", Collections.nCopies(unitCount - 1, 500L)),
            0);
    AcceptancePolicy policy =
        new AcceptancePolicy(List.of(PeerId.of(publisher.publicKey())), 1, 0.02, 0.05);
    return Task.seal(publisher, nowMs, redundancy, leaseMs, policy, manifest);
  }

  private static Unit unit(int index, UnitKind kind, int partition) {
    return new Unit(
        index,
        kind,
        partition,
        500,
        blob("index " + index),
        blob("validation " + index),
        blob("secret " + index),
        Optional.empty(),
        "");
  }

  private static Recipe recipe() {
    return new Recipe(
        Optimizer.ADAMW,
        1e-3,
        0.9,
        0.99,
        1e-8,
        0,
        0,
        0.4,
        64,
        1_000_000,
        0.99,
        1,
        0,
        Precision.FLOAT32,
        1,
        TimeSampling.UNIFORM,
        60_000,
        60_000,
        Optional.empty(),
        Optional.empty());
  }

  /** Names a blob that nobody has. */
  public static Cid blob(String name) {
    return new Cid(Cid.SKERRY_BLOB, Multihash.sha256(name.getBytes(StandardCharsets.UTF_8)));
  }

  /** The key of somebody; different ones for different numbers. */
  public static PrivateKey key(long number) {
    return PrivateKey.ofSeed(ByteBuffer.allocate(32).putLong(24, number).array());
  }
}
