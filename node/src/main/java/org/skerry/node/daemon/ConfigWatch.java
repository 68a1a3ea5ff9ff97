package org.skerry.node.daemon;

import java.util.List;
import java.util.function.Consumer;
import org.skerry.node.NodeException;
import org.skerry.node.config.ConfigLoader;
import org.skerry.node.config.ConfigSource;
import org.skerry.node.config.Mistake;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a configuration holds soon after the owner wrote it, without a restart. One that
 * has a mistake changes nothing.
 */
final class ConfigWatch implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);
  private static final long LOOK_MS = 1_000;

  private final ConfigSource source;
  private final Consumer<NodeConfig> change;
  private final EventSink events;
  private final Pulse pulse = new Pulse();
  private NodeConfig config;
  private Object stamp;

  /**
   * @param config that holds now
   * @param change told of every other one
   */
  ConfigWatch(
      ConfigSource source, NodeConfig config, Consumer<NodeConfig> change, EventSink events) {
    this.source = source;
    this.config = config;
    this.change = change;
    this.events = events;
    this.stamp = source.stamp(config.networkFile());
  }

  @Override
  public void run() {
    try {
      while (!pulse.isStopped()) {
        pulse.sleep(LOOK_MS);
        Object now = source.stamp(config.networkFile());
        if (!now.equals(stamp)) {
          stamp = now;
          read();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try {
      ConfigLoader.Loaded loaded = source.check();
      if (!loaded.mistakes().isEmpty()) {
        Mistake first = loaded.mistakes().getFirst();
        LOG.warn("the changed configuration is not taken: {}", loaded.mistakes());
        events.record(new Event.Misconfigured(first.toString(), loaded.mistakes().size()));
      } else if (!loaded.config().equals(config)) {
        List<String> restart = config.heldUntilRestart(loaded.config());
        config = loaded.config();
        change.accept(config);
        stamp = source.stamp(config.networkFile());
        events.record(new Event.Reconfigured(restart));
      }
    } catch (NodeException e) {
      LOG.warn("the changed configuration is not taken: {}", e.line());
      events.record(new Event.Misconfigured(e.line(), 1));
    } catch (RuntimeException e) {
      LOG.error("the changed configuration could not be made to hold", e);
      events.record(new Event.Misconfigured("it could not be made to hold: " + e.getMessage(), 1));
    }
  }

  void stop() {
    pulse.stop();
  }
}
