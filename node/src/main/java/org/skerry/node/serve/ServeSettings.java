package org.skerry.node.serve;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

/**
 * How to serve.
 *
 * @param host name or address to listen on
 * @param port 0 for any free one
 * @param token that callers must show; without one only this computer can call
 * @param hosts other names under which this server is called
 * @param origins of the pages that may call it, as {@code http://host:port}
 */
public record ServeSettings(
    String host, int port, Optional<String> token, List<String> hosts, List<String> origins) {
  private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "[::1]");

  private static final Pattern HOST =
      Pattern.compile("[a-z0-9]([a-z0-9._-]{0,252}[a-z0-9])?|\\[?[0-9a-f:.]{2,45}]?");
  private static final Pattern ORIGIN =
      Pattern.compile("https?://([a-z0-9._-]{1,253}|\\[[0-9a-f:.]{2,45}])(:\\d{1,5})?");

  /** Checks what somebody wrote on a command line. */
  public ServeSettings {
    host = host.toLowerCase(Locale.ROOT);
    hosts = hosts.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    origins = origins.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  /**
   * The settings, when they make sense.
   *
   * @throws NodeException that names the option and what it may be
   */
  public ServeSettings checked() throws NodeException {
    for (String name : hosts) {
      require(HOST, name, "--allow-host", "name a host without port, as host.docker.internal");
    }
    require(HOST, host, "--host", "name a host or an address, as 127.0.0.1");
    for (String origin : origins) {
      require(ORIGIN, origin, "--allow-origin", "name one, as http://localhost:3000");
    }
    if (port < 0 || port > 65_535) {
      throw usage("--port " + port + " is no port", "name one from 1 to 65535, or 0 for any");
    }
    try {
      token.ifPresent(Secret::new);
    } catch (IllegalArgumentException e) {
      throw usage("the token cannot be used (" + e.getMessage() + ")", "choose another");
    }
    return this;
  }

  private static void require(Pattern pattern, String value, String option, String remedy)
      throws NodeException {
    if (!pattern.matcher(value).matches()) {
      throw usage(option + " '" + Endings.shortened(value) + "' makes no sense", remedy);
    }
  }

  private static NodeException usage(String what, String remedy) {
    return new NodeException(Reason.USAGE, what, remedy);
  }

  /**
   * Who may call.
   *
   * @param own a secret that always counts
   * @param anywhere whether the server listens on all addresses
   */
  AccessRules rules(Secret own, boolean anywhere) {
    Set<String> names = new HashSet<>(LOOPBACK);
    names.add(bracketed(host));
    hosts.forEach(name -> names.add(bracketed(name)));
    List<Secret> secrets = token.map(text -> List.of(new Secret(text), own)).orElse(List.of());
    return new AccessRules(secrets, names, anywhere, Set.copyOf(origins));
  }

  /** As an address stands in {@code Host}. */
  static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }
}
