package org.skerry.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.bench.ddm.Experiment;
import org.skerry.bench.ddm.Findings;
import org.skerry.bench.ddm.Plan;
import org.skerry.diffusion.torch.Torch;

/**
 * One model trained on everything beside an ensemble of experts with the same compute. It takes
 * hours, and goes on where it was interrupted.
 */
final class DdmBenchmark implements Benchmark {
  @Override
  public String name() {
    return "ddm-vs-monolith";
  }

  @Override
  public String about() {
    return "an ensemble of experts beside one model, for equal compute, in hours";
  }

  @Override
  public Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("path", "builtin");
    options.put("out", "bench/target/ddm-vs-monolith");
    options.put("size", "16");
    options.put("experts", "4");
    options.put("runs", "3");
    options.put("steps", "3000");
    options.put("batch", "64");
    options.put("samples", "1000");
    options.put("measured", "1000");
    options.put("threads", "1");
    return options;
  }

  @Override
  public Report run(Options options) throws Exception {
    Torch.threads(options.number("threads"));
    Findings findings =
        Experiment.run(
            new Plan(
                Path.of(options.text("path")),
                Path.of(options.text("out")),
                options.number("size"),
                options.number("experts"),
                options.number("runs"),
                options.number("steps"),
                options.number("batch"),
                options.number("samples"),
                options.number("measured")),
            System.err);
    List<Report.Row> rows = new ArrayList<>();
    findings.table().forEach((side, values) -> rows.add(new Report.Row(side, values)));
    return new Report(
        List.of("loss", "±", "- monolith's", "±", "Fréchet", "±", "- monolith's", "±"),
        rows,
        findings.figures());
  }
}
