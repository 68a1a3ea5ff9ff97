package org.skerry.node.serve;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;

/** Counts what the server did, for Prometheus. Thread-safe. */
final class ServeMetrics {
  /** Share of the newest duration in {@link #usualSeconds}. */
  private static final double NEWEST = 0.3;

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5),
    Duration.ofMinutes(15)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Timer durations =
      Timer.builder("skerry.request.duration")
          .description("From asking to the finished pictures, waiting included.")
          .serviceLevelObjectives(BUCKETS)
          .register(registry);
  private double usualSeconds = 10;

  void watch(Jobs jobs, PictureSource source) {
    Gauge.builder("skerry.requests.waiting", jobs, all -> all.in(Job.State.QUEUED).size())
        .description("Requests in the queue.")
        .register(registry);
    Gauge.builder("skerry.requests.running", jobs, all -> all.in(Job.State.RUNNING).size())
        .description("Requests whose pictures are being made.")
        .register(registry);
    FunctionCounter.builder("skerry.worker.restarts", source, PictureSource::restarts)
        .description("Worker processes that had to be replaced.")
        .register(registry);
  }

  /** A request that found the queue full. */
  void refused(Job.Dialect dialect) {
    count(dialect, "refused");
  }

  void ended(Job job) {
    Job.View view = job.view();
    count(job.dialect(), view.state().text());
    if (view.state() == Job.State.DONE) {
      Duration took = Duration.between(job.createdAt(), view.changedAt());
      durations.record(took);
      learn(took.toMillis() / 1e3);
      registry
          .counter("skerry.images", "model", job.plan().request().model())
          .increment(view.pictures().size());
    }
  }

  private void count(Job.Dialect dialect, String outcome) {
    registry.counter("skerry.requests", "api", dialect.text(), "outcome", outcome).increment();
  }

  private synchronized void learn(double seconds) {
    usualSeconds += NEWEST * (seconds - usualSeconds);
  }

  /** How long a request takes these days. */
  synchronized double usualSeconds() {
    return usualSeconds;
  }

  /** Prometheus' text format, version 0.0.4. */
  String text() {
    return registry.scrape();
  }
}
