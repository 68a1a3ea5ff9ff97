package org.skerry.board.document;

import java.util.Optional;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.multiformats.Cid;

/**
 * One claimable piece of a task.
 *
 * @param index its place in the task's list
 * @param partition the partition of the data, or {@link #ALL_PARTITIONS} for the router
 * @param samples number of training samples
 * @param indexBlob names the shards to train on
 * @param validationBlob the public held-out shard
 * @param secretHash the blob id of the evaluators' held-out shard, which commits the publisher to
 *     it while nobody serves it; it is revealed, under this very id, at the task's end
 * @param contactSheetBlob a picture of what is in the partition
 * @param title one line for people
 */
public record Unit(
    int index,
    UnitKind kind,
    int partition,
    long samples,
    Cid indexBlob,
    Cid validationBlob,
    Cid secretHash,
    Optional<Cid> contactSheetBlob,
    String title) {

  /** The partition of a unit that is about all of them. */
  public static final int ALL_PARTITIONS = -1;

  public static final int MAX_TITLE_BYTES = 64;

  public Unit {
    Bounds.range("index", index, 0, TaskCharter.MAX_UNITS - 1);
    if (kind == UnitKind.ROUTER) {
      Bounds.range("partition of a router", partition, ALL_PARTITIONS, ALL_PARTITIONS);
    } else {
      Bounds.range("partition", partition, 0, TaskCharter.MAX_UNITS - 1);
    }
    Bounds.count("samples", samples);
    Bounds.blob("indexBlob", indexBlob);
    Bounds.blob("validationBlob", validationBlob);
    Bounds.blob("secretHash", secretHash);
    contactSheetBlob.ifPresent(blob -> Bounds.blob("contactSheetBlob", blob));
    Bounds.line("title", title, MAX_TITLE_BYTES);
  }

  Value toValue() {
    return new FieldWriter()
        .integer("index", index)
        .named("kind", kind)
        .integer("partition", partition)
        .integer("samples", samples)
        .link("indexBlob", indexBlob)
        .link("validationBlob", validationBlob)
        .link("secretHash", secretHash)
        .link("contactSheetBlob", contactSheetBlob)
        .text("title", title)
        .end();
  }

  static Unit fromValue(Value value) {
    FieldReader in = FieldReader.of("unit", value);
    Unit unit =
        new Unit(
            in.smallInteger("index"),
            in.named("kind", UnitKind.class),
            in.smallInteger("partition"),
            in.integer("samples"),
            in.link("indexBlob"),
            in.link("validationBlob"),
            in.link("secretHash"),
            in.optionalLink("contactSheetBlob"),
            in.text("title"));
    in.end();
    return unit;
  }
}
