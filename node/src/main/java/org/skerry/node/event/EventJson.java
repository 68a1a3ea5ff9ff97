package org.skerry.node.event;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** An event as one line of JSON. */
final class EventJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private EventJson() {}

  static String write(LoggedEvent event) {
    return MAPPER.writeValueAsString(event);
  }

  /** The event on {@code line}; empty when a newer version wrote a kind this one does not know. */
  static Optional<LoggedEvent> read(String line) {
    try {
      return Optional.ofNullable(MAPPER.readValue(line, LoggedEvent.class));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
