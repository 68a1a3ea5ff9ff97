package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.skerry.board.record.SequenceStore;
import org.skerry.dht.storage.StorageException;
import org.skerry.dht.storage.StorageException.Reason;
import org.skerry.node.home.AtomicFile;
import org.skerry.node.home.DiskTrouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sequences in a JSON object, for commands that have no database. Of two commands that store at the
 * same moment one may be forgotten, which the next one makes good.
 */
record FileSequences(Path file) implements SequenceStore {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Override
  public OptionalLong last(String name) {
    JsonNode found = read().path(name);
    return found.isIntegralNumber() ? OptionalLong.of(found.asLong()) : OptionalLong.empty();
  }

  @Override
  public synchronized void store(String name, long sequence) {
    ObjectNode all = read();
    all.put(name, sequence);
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(all));
    } catch (IOException e) {
      throw new StorageException(
          DiskTrouble.isFull(e) ? Reason.DISK_FULL : Reason.IO,
          "cannot write " + file + " (" + DiskTrouble.describe(e) + "); make room for it",
          e);
    }
  }

  private ObjectNode read() {
    try {
      return JSON.readValue(Files.readAllBytes(file), ObjectNode.class);
    } catch (NoSuchFileException e) {
      return JSON.createObjectNode();
    } catch (IOException | JacksonException e) {
      throw new StorageException(
          Reason.CORRUPT, file + " cannot be read; delete it to trust whatever is seen next", e);
    }
  }
}
