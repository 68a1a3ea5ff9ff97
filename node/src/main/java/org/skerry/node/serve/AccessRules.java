package org.skerry.node.serve;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.skerry.node.serve.CallException.Code;

/**
 * Who may call.
 *
 * <p>A web page can make its visitor's browser call this server. It does so either under its own
 * origin, which browsers tell in {@code Origin}, or, after its name was rebound to this computer,
 * under that name, which they tell in {@code Host}. So both must be known ones. Programs that are
 * no browsers send no {@code Origin}.
 *
 * @param secrets one of which a call must show; empty when nobody needs to
 * @param hosts lower-case names, without port, that {@code Host} may say
 * @param anyAddress whether {@code Host} may also be any literal address, which cannot be rebound
 * @param origins that pages may have, as {@code http://host:port}
 */
record AccessRules(
    List<Secret> secrets, Set<String> hosts, boolean anyAddress, Set<String> origins) {
  private static final Pattern ADDRESS =
      Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]");
  private static final Pattern PORT = Pattern.compile(":\\d{1,5}$");

  AccessRules {
    secrets = List.copyOf(secrets);
    hosts = Set.copyOf(hosts);
    origins = Set.copyOf(origins);
  }

  /**
   * Why a call is refused; empty when it is not.
   *
   * @param open whether the call needs no secret
   */
  Optional<CallException> refusal(
      @Nullable String host,
      @Nullable String origin,
      @Nullable String authorization,
      boolean open) {
    if (!knows(host)) {
      return Optional.of(
          new CallException(
              Code.FORBIDDEN,
              "this server is not called '" + host + "'",
              "call it by the address it was started with, or start it with --allow-host"));
    }
    if (origin != null && !allows(origin, host)) {
      return Optional.of(
          new CallException(
              Code.FORBIDDEN,
              "pages of " + origin + " may not call this server",
              "start it with --allow-origin " + origin));
    }
    if (!open
        && !secrets.isEmpty()
        && secrets.stream().noneMatch(secret -> secret.isShownBy(authorization))) {
      return Optional.of(
          new CallException(
              Code.WRONG_TOKEN,
              authorization == null ? "no token was sent" : "the token is wrong",
              "send the one of `skerry serve --token` as `Authorization: Bearer TOKEN`"));
    }
    return Optional.empty();
  }

  private boolean knows(@Nullable String host) {
    if (host == null) {
      return false;
    }
    String name = PORT.matcher(host.toLowerCase(Locale.ROOT)).replaceFirst("");
    return hosts.contains(name) || (anyAddress && ADDRESS.matcher(name).matches());
  }

  /** Whether pages of {@code origin} may call {@code host}: those it names, and its own. */
  boolean allows(String origin, @Nullable String host) {
    String lower = origin.toLowerCase(Locale.ROOT);
    return origins.contains(lower)
        || (host != null && lower.equals("http://" + host.toLowerCase(Locale.ROOT)));
  }
}
