package org.skerry.node.ensemble;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.skerry.board.document.LatentCodec;
import org.skerry.board.document.ModelSpec;
import org.skerry.board.document.Task;
import org.skerry.board.document.TextEncoder;
import org.skerry.board.document.Unit;
import org.skerry.board.document.WeightManifest;
import org.skerry.board.trust.JudgedManifest;
import org.skerry.board.trust.Judgement;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.node.task.Networks;
import org.skerry.node.task.TextEncoding;
import org.skerry.transfer.BlobId;

/** Makes an ensemble of a task's signed documents and of what was chosen among them. */
public final class Assembly {
  private Assembly() {}

  /**
   * What {@code chosen} brings into an ensemble.
   *
   * @param weights one of those that it names
   */
  public static PulledEnsemble.Member member(
      Task task, Unit unit, JudgedManifest chosen, Cid weights) {
    WeightManifest manifest = chosen.manifest().document();
    return new PulledEnsemble.Member(
        unit.partition(),
        unit.title(),
        Networks.of(task.manifest(), unit).toProperties(),
        new BlobId(weights).toString(),
        chosen.manifest().id().toString(),
        manifest.peer().toString(),
        manifest.step(),
        chosen.judgement() instanceof Judgement.Accepted accepted
            ? accepted.secretLoss()
            : Double.NaN,
        chosen.isAccepted());
  }

  /**
   * The ensemble of {@code experts} and {@code router}.
   *
   * @param classNames null where the classes have none that can be read
   */
  public static PulledEnsemble of(
      Provenance provenance,
      List<PulledEnsemble.Member> experts,
      PulledEnsemble.@Nullable Member router,
      @Nullable List<String> classNames) {
    Task task = provenance.task();
    ModelSpec model = task.manifest().expertModel();
    return new PulledEnsemble(
        task.id().toString(),
        task.name(),
        task.publisher().toString(),
        task.manifest().description(),
        task.manifest().licence(),
        model.imageSize(),
        model.channels(),
        task.manifest().clustering().sizes(),
        experts,
        router,
        classNames,
        task.manifest().latentCodec().map(Assembly::codec).orElse(null),
        provenance.encoded(),
        task.manifest().textEncoder().map(Assembly::text).orElse(null));
  }

  private static PulledEnsemble.Text text(TextEncoder encoder) {
    Map<String, String> tokenizer = new TreeMap<>();
    encoder.tokenizer().forEach((name, blob) -> tokenizer.put(name, new BlobId(blob).toString()));
    return new PulledEnsemble.Text(
        TextEncoding.config(encoder).toProperties(),
        new BlobId(encoder.weights()).toString(),
        tokenizer);
  }

  private static PulledEnsemble.Codec codec(LatentCodec codec) {
    return new PulledEnsemble.Codec(
        new BlobId(codec.weights()).toString(), codec.scale(), codec.downsampling());
  }
}
