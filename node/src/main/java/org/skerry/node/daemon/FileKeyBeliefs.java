package org.skerry.node.daemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.board.BoardException;
import org.skerry.board.document.EnvelopeReader;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.record.KeyBeliefs;
import org.skerry.board.trust.KeyBelief;
import org.skerry.dht.storage.StorageException;
import org.skerry.dht.storage.StorageException.Reason;
import org.skerry.libp2p.PeerId;
import org.skerry.node.home.AtomicFile;
import org.skerry.node.home.DiskTrouble;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is believed of keys, as a JSON file for each key that something was said about. The daemon
 * and the commands of one home share them: of two that store at the same moment one may be
 * forgotten, which the next reading makes good.
 */
public record FileKeyBeliefs(Path folder) implements KeyBeliefs {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SUFFIX = ".json";

  /**
   * A belief as it is written.
   *
   * @param recoveries an empty one: there is none
   * @param revoked null when it is not
   * @param records the bytes that were signed
   */
  private record Note(
      List<String> recoveries,
      List<String> successors,
      List<String> recovered,
      @Nullable String revoked,
      List<byte[]> records) {
    private Note {
      recoveries = List.copyOf(recoveries);
      successors = List.copyOf(successors);
      recovered = List.copyOf(recovered);
      records = List.copyOf(records);
    }
  }

  private Path file(PeerId key) {
    return folder.resolve(key + SUFFIX);
  }

  @Override
  public Optional<KeyBelief> of(PeerId key) {
    Path file = file(key);
    try {
      return Optional.of(belief(key, JSON.readValue(Files.readAllBytes(file), Note.class)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | JacksonException | BoardException | IllegalArgumentException e) {
      throw new StorageException(
          Reason.CORRUPT,
          file + " cannot be read; delete it to believe whatever is said of the key next",
          e);
    }
  }

  private static KeyBelief belief(PeerId key, Note note) {
    return new KeyBelief(
        key,
        note.recoveries().stream()
            .map(text -> Optional.of(text).filter(t -> !t.isEmpty()).map(PeerId::parse))
            .toList(),
        peers(note.successors()),
        peers(note.recovered()),
        Optional.ofNullable(note.revoked()),
        note.records().stream()
            .map(bytes -> KeyRecord.decode(bytes, EnvelopeReader.ANEW))
            .toList());
  }

  private static List<PeerId> peers(List<String> texts) {
    return texts.stream().map(PeerId::parse).toList();
  }

  @Override
  public synchronized void store(KeyBelief belief) {
    Note note =
        new Note(
            belief.recoveries().stream().map(r -> r.map(PeerId::toString).orElse("")).toList(),
            belief.successors().stream().map(PeerId::toString).toList(),
            belief.recovered().stream().map(PeerId::toString).toList(),
            belief.revoked().orElse(null),
            belief.records().stream().map(KeyRecord::encoded).toList());
    Path file = file(belief.key());
    try {
      AtomicFile.write(file, JSON.writeValueAsBytes(note));
    } catch (IOException e) {
      throw new StorageException(
          DiskTrouble.isFull(e) ? Reason.DISK_FULL : Reason.IO,
          "cannot write " + file + " (" + DiskTrouble.describe(e) + "); make room for it",
          e);
    }
  }

  @Override
  public List<KeyBelief> all() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<KeyBelief> out = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(SUFFIX) && !name.startsWith(".")) {
          of(PeerId.parse(name.substring(0, name.length() - SUFFIX.length()))).ifPresent(out::add);
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new StorageException(
          Reason.CORRUPT, folder + " cannot be read; move what is no note of a key away", e);
    }
    return out;
  }
}
