package org.skerry.bench.ddm;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.skerry.router.PngFile;

/** The findings as pictures; bars and whiskers are 95 % intervals. */
final class Charts {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 500;

  private Charts() {}

  static void write(Findings findings, Path folder) throws IOException {
    save(losses(findings), folder.resolve("loss-by-noise-level.png"));
    save(routerAccuracy(findings), folder.resolve("router-accuracy.png"));
    save(distances(findings), folder.resolve("frechet.png"));
  }

  private static void save(Chart<?, ?> chart, Path file) throws IOException {
    PngFile.write(file, BitmapEncoder.getBufferedImage(chart), Map.of("Software", "Skerry"));
  }

  /** Losses differ more between noise levels than between sides: the monolith's is the measure. */
  private static XYChart losses(Findings findings) {
    XYChart chart =
        byTime("Held-out loss over the monolith's, by noise level", "loss / monolith's loss");
    String monolith = Findings.sides().getFirst();
    for (String side : Findings.sides()) {
      add(
          chart,
          side,
          findings,
          level -> run -> lossAt(run, side, level) / lossAt(run, monolith, level));
    }
    return chart;
  }

  private static XYChart byTime(String title, String value) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle("t (0 = data, 1 = noise)")
            .yAxisTitle(value)
            .build();
    chart.getStyler().setXAxisDecimalPattern("0.00").setChartBackgroundColor(Color.WHITE);
    return chart;
  }

  private static double lossAt(RunResult run, String side, int level) {
    return run.losses().getOrDefault(side, List.of()).get(level);
  }

  private static XYChart routerAccuracy(Findings findings) {
    XYChart chart = byTime("Held-out images that the router sends to their own expert", "share");
    chart.getStyler().setYAxisMin(0.0).setYAxisMax(1.0);
    add(chart, "router", findings, level -> run -> run.routerAccuracy().get(level));
    int partitions = findings.plan().partitions();
    double[] chance = new double[Measures.TIMES.size()];
    Arrays.fill(chance, 1.0 / partitions);
    chart.addSeries("chance", times(), chance);
    return chart;
  }

  private static void add(
      XYChart chart,
      String name,
      Findings findings,
      Function<Integer, Function<RunResult, Double>> value) {
    List<Estimate> levels =
        IntStream.range(0, Measures.TIMES.size())
            .mapToObj(level -> findings.over(value.apply(level)))
            .toList();
    double[] means = levels.stream().mapToDouble(Estimate::mean).toArray();
    if (findings.runs().size() < 2) {
      chart.addSeries(name, times(), means);
    } else {
      chart.addSeries(name, times(), means, levels.stream().mapToDouble(Estimate::half).toArray());
    }
  }

  private static double[] times() {
    return Measures.TIMES.stream().mapToDouble(t -> t).toArray();
  }

  private static CategoryChart distances(Findings findings) {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Fréchet distance from held-out images (a small classifier's features)")
            .yAxisTitle("distance, less is better")
            .build();
    chart.getStyler().setLegendVisible(false).setChartBackgroundColor(Color.WHITE);
    List<String> names =
        Stream.concat(Experiment.SAMPLED.stream(), Stream.of("training images")).toList();
    List<Estimate> estimates =
        names.stream()
            .map(name ->
                Experiment.SAMPLED.contains(name)
                    ? findings.frechet(name)
                    : findings.over(RunResult::frechetFloor))
            .toList();
    List<Double> means = estimates.stream().map(Estimate::mean).toList();
    if (findings.runs().size() < 2) {
      chart.addSeries("distance", names, means);
    } else {
      chart.addSeries("distance", names, means, estimates.stream().map(Estimate::half).toList());
    }
    return chart;
  }
}
