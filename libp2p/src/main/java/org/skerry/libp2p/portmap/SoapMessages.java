package org.skerry.libp2p.portmap;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Calls of a gateway's services and what they answer.
 *
 * @see <a href="https://openconnectivity.org/upnp-specs/UPnP-gw-WANIPConnection-v2-Service.pdf">
 *     WANIPConnection:2</a>
 */
final class SoapMessages {
  /** The element of a mapping that is asked for is not there. */
  static final int NO_SUCH_ENTRY = 714;

  /** Somebody else has that external port. */
  static final int CONFLICT = 718;

  /** Mappings end only when they are deleted. */
  static final int ONLY_PERMANENT_LEASES = 725;

  /** Other programs of the router have that external port. */
  static final int CONFLICT_WITH_OTHERS = 729;

  private SoapMessages() {}

  /** What a call came to. */
  sealed interface Answer {
    /** It was done; the values by their names, each name once. */
    record Done(List<Xml.Leaf> values) implements Answer {
      Optional<String> value(String name) {
        return Xml.first(values, name);
      }
    }

    /** It was refused. */
    record Fault(int code, String description) implements Answer {}

    /** It is no answer to a call. */
    record Malformed() implements Answer {}
  }

  /** The body of a call; {@code arguments} in their order, of texts that need no escaping. */
  static byte[] call(String service, String action, Map<String, String> arguments) {
    StringBuilder out =
        new StringBuilder("<?xml version=\"1.0\"?>\r\n")
            .append("<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"")
            .append(" s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><s:Body>")
            .append("<u:%s xmlns:u=\"%s\">".formatted(action, service));
    arguments.forEach((name, value) -> out.append("<%s>%s</%s>".formatted(name, value, name)));
    return out.append("</u:%s></s:Body></s:Envelope>\r\n".formatted(action))
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The header that names a call. */
  static String header(String service, String action) {
    return "\"" + service + "#" + action + "\"";
  }

  /** Reads what came back with an HTTP status. */
  static Answer read(int status, byte[] body) {
    Optional<List<Xml.Leaf>> leaves = Xml.leaves(body);
    if (leaves.isPresent()) {
      Optional<String> code =
          Xml.first(leaves.get(), "errorCode").filter(text -> text.matches("\\d{1,4}"));
      if (code.isPresent()) {
        String description = Xml.first(leaves.get(), "errorDescription").orElse("");
        return new Answer.Fault(Integer.parseInt(code.get()), Xml.shown(description));
      }
    }
    return status == 200 && leaves.isPresent()
        ? new Answer.Done(leaves.get())
        : new Answer.Malformed();
  }
}
