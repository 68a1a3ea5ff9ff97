package org.skerry.libp2p.portmap;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.skerry.libp2p.portmap.RouterException.Kind;
import org.skerry.libp2p.portmap.SoapMessages.Answer;

/** A router that is asked by UPnP IGD. */
final class UpnpRouter implements Router {
  private static final int TRIES = 4;
  private static final int LOWEST_PORT = 1024;
  private static final String ANYBODY = "";

  private final IgdDescription gateway;
  private final InetAddress own;
  private final RouterHttp http;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param own this machine's address towards the router
   * @param http closed with this
   */
  UpnpRouter(IgdDescription gateway, InetAddress own, RouterHttp http) {
    this.gateway = gateway;
    this.own = own;
    this.http = http;
  }

  @Override
  public String name() {
    String name = gateway.name().isEmpty() ? "" : " (" + gateway.name() + ")";
    return "UPnP at " + gateway.control().getHost() + name;
  }

  @Override
  public Look look(Collection<Lease> held) throws RouterException {
    String text =
        done("GetExternalIPAddress", Map.of()).value("NewExternalIPAddress").orElse("0.0.0.0");
    boolean forgot = false;
    for (Lease lease : held) {
      forgot |= forgot(lease);
    }
    return new Look(address(text), forgot);
  }

  private static InetAddress address(String text) throws RouterException {
    if (!text.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
      throw new RouterException(
          Kind.MALFORMED, "its external address is \"" + Xml.shown(text) + "\"");
    }
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new RouterException(Kind.MALFORMED, "its external address is " + text, e);
    }
  }

  /**
   * Whether the mapping is not there any more; a router that does not tell is believed to have it.
   */
  private boolean forgot(Lease lease) throws RouterException {
    return switch (call("GetSpecificPortMappingEntry", mapping(lease))) {
      case Answer.Done done ->
          !done.value("NewInternalClient")
              .orElse(own.getHostAddress())
              .equals(own.getHostAddress());
      case Answer.Fault(int code, String any) -> code == SoapMessages.NO_SUCH_ENTRY;
      case Answer.Malformed m -> false;
    };
  }

  @Override
  public Lease map(Port port, int wished, Duration lifetime) throws RouterException {
    long seconds = lifetime.toSeconds();
    int external = wished;
    String why = "";
    for (int i = 0; i < TRIES; i++) {
      boolean chooses = gateway.isSecond() && i == 0;
      switch (call(
          chooses ? "AddAnyPortMapping" : "AddPortMapping", wish(port, external, seconds))) {
        case Answer.Done done -> {
          return new Lease(port, chooses ? reserved(done) : external, seconds);
        }
        case Answer.Malformed m -> throw malformed();
        case Answer.Fault(int code, String description) -> {
          why = description + " (" + code + ")";
          switch (code) {
            case SoapMessages.ONLY_PERMANENT_LEASES -> seconds = 0;
            case SoapMessages.CONFLICT, SoapMessages.CONFLICT_WITH_OTHERS ->
                external = random.nextInt(LOWEST_PORT, 1 << 16);
            default -> {
              if (!chooses) { // or it claims a version that it is not of
                throw refused(code, description);
              }
            }
          }
        }
      }
    }
    throw new RouterException(Kind.REFUSED, "it says: " + why);
  }

  private static int reserved(Answer.Done done) throws RouterException {
    String text = done.value("NewReservedPort").orElse("");
    int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65535) {
      throw malformed();
    }
    return port;
  }

  @Override
  public void unmap(Lease lease) throws RouterException {
    done("DeletePortMapping", mapping(lease));
  }

  private static Map<String, String> mapping(Lease lease) {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("NewRemoteHost", ANYBODY);
    out.put("NewExternalPort", Integer.toString(lease.externalPort()));
    out.put("NewProtocol", lease.port().kind().name());
    return out;
  }

  private Map<String, String> wish(Port port, int external, long seconds) {
    Map<String, String> out = mapping(new Lease(port, external, seconds));
    out.put("NewInternalPort", Integer.toString(port.number()));
    out.put("NewInternalClient", own.getHostAddress());
    out.put("NewEnabled", "1");
    out.put("NewPortMappingDescription", "skerry " + port.kind());
    out.put("NewLeaseDuration", Long.toString(seconds));
    return out;
  }

  private Answer.Done done(String action, Map<String, String> arguments) throws RouterException {
    return switch (call(action, arguments)) {
      case Answer.Done done -> done;
      case Answer.Fault(int code, String description) -> throw refused(code, description);
      case Answer.Malformed m -> throw malformed();
    };
  }

  private Answer call(String action, Map<String, String> arguments) throws RouterException {
    RouterHttp.Answer answer =
        http.call(
            gateway.control(),
            SoapMessages.header(gateway.service(), action),
            SoapMessages.call(gateway.service(), action, arguments));
    return SoapMessages.read(answer.status(), answer.body());
  }

  private static RouterException refused(int code, String description) {
    return new RouterException(Kind.REFUSED, "it says: %s (%d)".formatted(description, code));
  }

  private static RouterException malformed() {
    return new RouterException(Kind.MALFORMED, "its answer makes no sense");
  }

  @Override
  public void close() {
    http.close();
  }
}
