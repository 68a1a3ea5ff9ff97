package org.skerry.board.document;

import java.util.List;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;

/** A whole task: the signed charter, and the manifest whose bytes it commits to. */
public record Task(SignedDocument<TaskCharter> charter, TaskManifest manifest) {

  /** The record {@code /skerry/task/<id>}: both parts and what CBOR puts around them. */
  public static final int MAX_BYTES =
      TaskManifest.MAX_BYTES + DocumentKind.TASK.maxEnvelopeBytes() + 64;

  public Task {
    if (!charter.document().manifest().equals(DagCbor.cidOf(manifest.encoded()))) {
      throw new BoardException(
          Refusal.ID_MISMATCH, "the manifest is not the one that the task's charter names");
    }
    if (charter.document().units() != manifest.units().size()) {
      throw Bounds.outOfBounds(
          "the charter counts "
              + charter.document().units()
              + " units and the manifest has "
              + manifest.units().size());
    }
  }

  /** Signs a new task. */
  public static Task seal(
      PrivateKey publisher,
      long createdAtMs,
      int redundancy,
      long leaseMs,
      AcceptancePolicy policy,
      TaskManifest manifest) {
    return sealFork(publisher, createdAtMs, redundancy, leaseMs, policy, manifest, List.of());
  }

  /**
   * Signs a task that goes on with others'.
   *
   * @param forkOf the forked task, and those that it extends or forks itself
   */
  public static Task sealFork(
      PrivateKey publisher,
      long createdAtMs,
      int redundancy,
      long leaseMs,
      AcceptancePolicy policy,
      TaskManifest manifest,
      List<Cid> forkOf) {
    TaskCharter charter =
        new TaskCharter(
            PeerId.of(publisher.publicKey()),
            createdAtMs,
            manifest.units().size(),
            redundancy,
            leaseMs,
            policy,
            DagCbor.cidOf(manifest.encoded()),
            forkOf);
    return new Task(SignedDocument.seal(publisher, charter), manifest);
  }

  /** Reads and verifies a task record. */
  public static Task decode(byte[] bytes) {
    return decode(bytes, EnvelopeReader.ANEW);
  }

  /** As {@link #decode(byte[])} with another reader of envelopes. */
  public static Task decode(byte[] bytes, EnvelopeReader reader) {
    FieldReader in = FieldReader.of("task record", DagCbor.decode(bytes, MAX_BYTES));
    byte[] charter = in.bytes("charter");
    byte[] manifest = in.bytes("manifest");
    in.end();
    return new Task(reader.open(DocumentKind.TASK, charter), TaskManifest.decode(manifest));
  }

  public byte[] encoded() {
    return DagCbor.encode(
        new FieldWriter()
            .bytes("charter", charter.bytes())
            .bytes("manifest", manifest.encoded())
            .end());
  }

  public Cid id() {
    return charter.id();
  }

  public PeerId publisher() {
    return charter.document().publisher();
  }

  public long createdAtMs() {
    return charter.document().createdAtMs();
  }

  public int redundancy() {
    return charter.document().redundancy();
  }

  public long leaseMs() {
    return charter.document().leaseMs();
  }

  /** The tasks that it goes on with, the forked one first; empty when it is no fork. */
  public List<Cid> forkOf() {
    return charter.document().forkOf();
  }

  /**
   * Whether weights of {@code origin}'s unit with this index are weights of this task's: this is a
   * fork of it, and both train the same model of the same images in the same space.
   */
  public boolean inherits(Task origin, int index) {
    if (!forkOf().contains(origin.id()) || index >= origin.units().size()) {
      return false;
    }
    Unit mine = unit(index);
    Unit theirs = origin.unit(index);
    return mine.kind() == theirs.kind()
        && mine.partition() == theirs.partition()
        && mine.indexBlob().equals(theirs.indexBlob())
        && manifest.modelOf(mine).equals(origin.manifest.modelOf(theirs))
        && manifest.path() == origin.manifest.path()
        && manifest.latentCodec().equals(origin.manifest.latentCodec())
        && manifest.textEncoder().equals(origin.manifest.textEncoder())
        && manifest.classNames().equals(origin.manifest.classNames());
  }

  public AcceptancePolicy policy() {
    return charter.document().policy();
  }

  public String name() {
    return manifest.name();
  }

  public List<Unit> units() {
    return manifest.units();
  }

  /** The unit at {@code index}. */
  public Unit unit(int index) {
    if (index < 0 || index >= units().size()) {
      throw new BoardException(
          Refusal.WRONG_UNIT, "task " + name() + " has no unit " + index + " of " + units().size());
    }
    return units().get(index);
  }
}
