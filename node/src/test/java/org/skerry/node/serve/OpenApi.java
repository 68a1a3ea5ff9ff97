package org.skerry.node.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The description of all calls, read. */
final class OpenApi {
  private static final Set<String> METHODS = Set.of("get", "post", "delete");

  private OpenApi() {}

  static JsonNode document() {
    return JsonMapper.shared().readTree(ServerCalls.openApi());
  }

  /** As {@code GET /path}. */
  static List<String> calls() {
    List<String> out = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document().path("paths").properties()) {
      for (String method : path.getValue().propertyNames()) {
        if (METHODS.contains(method)) {
          out.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return out;
  }
}
