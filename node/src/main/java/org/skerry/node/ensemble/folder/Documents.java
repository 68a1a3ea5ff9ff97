package org.skerry.node.ensemble.folder;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.skerry.board.document.Lineage;
import org.skerry.board.document.TaskCharter;
import org.skerry.node.ensemble.Provenance;
import tools.jackson.databind.JsonNode;

/**
 * The signed documents in a folder, and which manifest each part's weights are of.
 *
 * @param manifests id by part, such as {@code expert_0}
 */
record Documents(Provenance.Encoded proof, Map<String, String> manifests) {
  /** Boards of all units, full, and a task, as base64. */
  private static final int MAX_BYTES = 16 << 20;

  private static final String FORMAT = "format";
  private static final String TASK = "task";
  private static final String BOARDS = "boards";
  private static final String ANCESTORS = "ancestors";
  private static final String MANIFESTS = "manifests";

  Map<String, Object> json() {
    Map<String, Object> out = new LinkedHashMap<>();
    out.put(FORMAT, Layout.FORMAT);
    out.put(MANIFESTS, manifests);
    out.put(TASK, proof.task());
    out.put(BOARDS, proof.boards());
    if (proof.ancestors() != null) {
      out.put(ANCESTORS, proof.ancestors());
    }
    return out;
  }

  static Documents read(SourceFolder folder) throws IOException {
    JsonNode json = folder.json(Layout.DOCUMENTS, MAX_BYTES);
    requireFormat(Layout.DOCUMENTS, json);
    List<String> boards = texts(json.path(BOARDS), TaskCharter.MAX_UNITS);
    List<String> ancestors = texts(json.path(ANCESTORS), Lineage.MAX_VERSIONS);
    Map<String, String> manifests = new LinkedHashMap<>();
    json.path(MANIFESTS)
        .properties()
        .forEach(entry -> manifests.put(entry.getKey(), entry.getValue().asString("")));
    return new Documents(
        new Provenance.Encoded(
            json.path(TASK).asString(""), boards, ancestors.isEmpty() ? null : ancestors),
        Map.copyOf(manifests));
  }

  private static List<String> texts(JsonNode list, int most) throws IOException {
    List<String> out = new ArrayList<>();
    for (JsonNode text : list) {
      out.add(text.asString(""));
    }
    if (out.size() > most) {
      throw new IOException(
          "%s has a list of %d documents, over %d".formatted(Layout.DOCUMENTS, out.size(), most));
    }
    return out;
  }

  static void requireFormat(String file, JsonNode json) throws IOException {
    if (json.path(FORMAT).asInt(0) != Layout.FORMAT) {
      throw new IOException(
          "%s has the format %s, and this version reads %d"
              .formatted(file, PlainText.shown(json.path(FORMAT)), Layout.FORMAT));
    }
  }
}
