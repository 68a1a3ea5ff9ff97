package org.skerry.transfer.web;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * Where a {@link WebReader} may go, and how long it waits there.
 *
 * @param mayReach whether it may connect to an address
 * @param names how it looks up hosts
 * @param trusted the authorities whose certificates it takes; those of the platform when empty
 * @param connectLimit for a name to be looked up, and again for a connection to stand
 * @param answerLimit for an answer to begin
 * @param slowestBytesPerSecond a body must come faster than this after as long as {@code
 *     answerLimit}
 */
public record WebRules(
    Predicate<InetAddress> mayReach,
    Names names,
    List<X509Certificate> trusted,
    Duration connectLimit,
    Duration answerLimit,
    long slowestBytesPerSecond) {
  /** The public Internet, as the platform knows its names and authorities. */
  public static final WebRules PUBLIC =
      new WebRules(
          PublicInternet::contains,
          PublicInternet::lookUp,
          List.of(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          32 * 1024);

  public WebRules {
    trusted = List.copyOf(trusted);
    if (!connectLimit.isPositive() || !answerLimit.isPositive() || slowestBytesPerSecond < 1) {
      throw new IllegalArgumentException("limits of web requests must be positive");
    }
  }

  /** Finds the addresses of a host, which may be an address already. May block. */
  @FunctionalInterface
  public interface Names {
    List<InetAddress> of(String host) throws UnknownHostException;
  }

  /** How long a body of so many bytes may take, its beginning included. */
  Duration limit(long bytes) {
    return answerLimit.plusMillis(bytes * 1000 / slowestBytesPerSecond);
  }
}
