package org.skerry.node.cli;

import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.skerry.node.NodeException;
import org.skerry.node.config.ConfigLoader;
import org.skerry.node.config.NodeConfig;
import org.skerry.node.control.ControlClient;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.log.Logging;
import picocli.CommandLine;

/** What the commands of one invocation share. Used by one thread. */
final class Session {
  private final Terminal terminal;
  private final Map<String, String> environment;
  private Optional<Path> namedHome = Optional.empty();

  Session(Terminal terminal, Map<String, String> environment) {
    this.terminal = terminal;
    this.environment = Map.copyOf(environment);
  }

  Terminal terminal() {
    return terminal;
  }

  Map<String, String> environment() {
    return environment;
  }

  void nameHome(Path home) {
    namedHome = Optional.of(home);
  }

  /** The home, without touching the disk. */
  SkerryHome home() {
    return SkerryHome.find(namedHome, environment);
  }

  /** The home, created when it is missing; from now on {@code log} in it takes the log. */
  SkerryHome openHome(String log) throws NodeException {
    SkerryHome home = home();
    home.create();
    Logging.toFile(home.logs().resolve(log));
    return home;
  }

  NodeConfig config() throws NodeException {
    return ConfigLoader.load(home().config(), environment);
  }

  ControlClient daemon() throws NodeException {
    Logging.silence();
    return ControlClient.open(home());
  }

  /** Makes commands, giving those their session that ask for one in their constructor. */
  record Factory(Session session) implements CommandLine.IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      for (Constructor<?> constructor : type.getDeclaredConstructors()) {
        if (constructor.getParameterCount() == 1
            && constructor.getParameterTypes()[0] == Session.class) {
          return type.cast(constructor.newInstance(session));
        }
      }
      return CommandLine.defaultFactory().create(type);
    }
  }
}
