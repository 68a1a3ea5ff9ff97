package org.skerry.board.document;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.libp2p.crypto.PrivateKey;

/**
 * What is signed today must read the same for ever: a change of these bytes needs a new schema
 * version. {@link #main} writes the files anew.
 */
final class GoldenDocumentsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final PrivateKey RECOVERY = Samples.key(4);
  private static final PrivateKey SUCCESSOR = Samples.key(5);

  static Map<String, SignedDocument<?>> documents() {
    Task task = Samples.task();
    SignedDocument<WeightManifest> weights =
        SignedDocument.seal(
            VOLUNTEER, Samples.weights(VOLUNTEER, task.id(), 1, NOW + 5, "weights"));
    Map<String, SignedDocument<?>> out = new LinkedHashMap<>();
    out.put("task", task.charter());
    out.put("catalog", SignedDocument.seal(PUBLISHER, Samples.catalog(NOW)));
    out.put("claim", SignedDocument.seal(VOLUNTEER, Samples.claim(VOLUNTEER, task.id(), 1, NOW)));
    out.put("manifest", weights);
    out.put("claim-standing", standing(task, weights));
    out.put("claim-release", release(task, weights));
    out.put(
        "attestation",
        SignedDocument.seal(
            EVALUATOR,
            Samples.attestation(EVALUATOR, NOW + 9, weights, Samples.good(0.4), Verdict.ACCEPTED)));
    out.put(
        "withdrawal",
        SignedDocument.seal(
            PUBLISHER,
            new Withdrawal(
                task.id(),
                Withdrawal.WHOLE_TASK,
                Samples.peer(PUBLISHER),
                NOW + 10,
                NOW + 10,
                Optional.empty(),
                "wrong licence")));
    SignedDocument<Succession> succession = Samples.succession(RECOVERY, PUBLISHER, SUCCESSOR);
    out.put("fork", fork().charter());
    out.put("recovery", Samples.recovery(PUBLISHER, RECOVERY));
    out.put("consent", succession.document().consent());
    out.put("succession", succession);
    out.put("revocation", Samples.revocation(PUBLISHER, PUBLISHER, Optional.of(RECOVERY)));
    return out;
  }

  private static SignedDocument<Claim> standing(Task task, SignedDocument<WeightManifest> weights) {
    Claim plain = Samples.claim(VOLUNTEER, task.id(), 1, NOW);
    return SignedDocument.seal(
        VOLUNTEER,
        new Claim(
            plain.task(),
            plain.unit(),
            plain.peer(),
            plain.sequence(),
            plain.claimedAtMs(),
            plain.issuedAtMs(),
            plain.leaseMs(),
            plain.device(),
            plain.samplesPerSecond(),
            plain.step(),
            262_144,
            Optional.empty(),
            Optional.of(
                SignedDocument.seal(
                    EVALUATOR,
                    Samples.attestation(
                        EVALUATOR, NOW + 9, weights, Samples.good(0.4), Verdict.ACCEPTED))),
            Optional.of(weights)));
  }

  private static SignedDocument<Claim> release(Task task, SignedDocument<WeightManifest> weights) {
    Claim plain = Samples.claim(VOLUNTEER, task.id(), 1, NOW);
    return SignedDocument.seal(
        VOLUNTEER,
        new Claim(
            plain.task(),
            plain.unit(),
            plain.peer(),
            plain.sequence(),
            plain.claimedAtMs(),
            plain.issuedAtMs(),
            0,
            plain.device(),
            plain.samplesPerSecond(),
            plain.step(),
            0,
            Optional.of(weights.id()),
            Optional.empty(),
            Optional.empty()));
  }

  static Set<String> names() {
    return documents().keySet();
  }

  private static String describe(SignedDocument<?> document) {
    return "id "
        + document.id()
        + "\npayload "
        + HEX.formatHex(DagCbor.encode(document.document().toValue()))
        + "\nenvelope "
        + HEX.formatHex(document.bytes())
        + "\n";
  }

  private static String describe(Task task) {
    return "id "
        + task.id()
        + "\nmanifest "
        + HEX.formatHex(task.manifest().encoded())
        + "\nrecord "
        + HEX.formatHex(task.encoded())
        + "\n";
  }

  private static String golden(String name) {
    try (InputStream in = GoldenDocumentsTest.class.getResourceAsStream("/golden/" + name)) {
      return new String(Objects.requireNonNull(in, "no golden file " + name).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void signsTheGoldenBytes(String name) {
    SignedDocument<?> document = Objects.requireNonNull(documents().get(name));
    assertThat(describe(document)).isEqualTo(golden(name + ".hex"));
  }

  @ParameterizedTest
  @MethodSource("names")
  void readsTheGoldenBytes(String name) {
    SignedDocument<?> document = Objects.requireNonNull(documents().get(name));
    DocumentKind<?> kind = DocumentKind.of(document.document());
    String envelope = golden(name + ".hex").lines().toList().get(2).substring("envelope ".length());
    SignedDocument<?> read = SignedDocument.open(kind, HEX.parseHex(envelope));
    assertThat(read.document()).isEqualTo(document.document());
    assertThat(golden(name + ".hex")).startsWith("id " + read.id() + "\n");
  }

  @Test
  void writesAndReadsTheGoldenTaskRecord() {
    Task task = Samples.task();
    assertThat(describe(task)).isEqualTo(golden("task-record.hex"));
    assertThat(Task.decode(task.encoded())).isEqualTo(task);
  }

  @Test
  void writesAndReadsTheGoldenRecordOfATaskWhoseExpertsRead() {
    Task task = reading();
    assertThat(describe(task)).isEqualTo(golden("reading-task-record.hex"));
    assertThat(Task.decode(task.encoded())).isEqualTo(task);
  }

  /** By another publisher. */
  private static Task fork() {
    Task origin = Samples.task();
    return Task.sealFork(
        SUCCESSOR,
        NOW + 1,
        1,
        Samples.LEASE_MS,
        Samples.policy(1, SUCCESSOR),
        origin.manifest().forked("faces-again", origin.units()),
        List.of(origin.id(), Samples.document("one that it extends")));
  }

  @Test
  void writesAndReadsTheGoldenRecordOfAKey() {
    KeyRecord record = keyRecord();
    assertThat(describe(record)).isEqualTo(golden("key-record.hex"));
    assertThat(KeyRecord.decode(record.encoded(), EnvelopeReader.ANEW)).isEqualTo(record);
  }

  private static KeyRecord keyRecord() {
    return KeyRecord.of(Samples.recovery(PUBLISHER, RECOVERY))
        .merge(KeyRecord.of(Samples.succession(PUBLISHER, PUBLISHER, SUCCESSOR)))
        .merge(KeyRecord.of(Samples.revocation(PUBLISHER, PUBLISHER, Optional.of(RECOVERY))));
  }

  private static String describe(KeyRecord record) {
    return "record " + HEX.formatHex(record.encoded()) + "\n";
  }

  private static Task reading() {
    TaskManifest manifest = Samples.reading(Samples.reader(768), Optional.of(Samples.clip()));
    return Task.seal(PUBLISHER, NOW, 1, Samples.LEASE_MS, Samples.policy(), manifest);
  }

  /** Writes the files into the folder that is the first argument. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    for (var entry : documents().entrySet()) {
      Files.writeString(folder.resolve(entry.getKey() + ".hex"), describe(entry.getValue()));
    }
    Files.writeString(folder.resolve("task-record.hex"), describe(Samples.task()));
    Files.writeString(folder.resolve("key-record.hex"), describe(keyRecord()));
    Files.writeString(folder.resolve("reading-task-record.hex"), describe(reading()));
  }
}
