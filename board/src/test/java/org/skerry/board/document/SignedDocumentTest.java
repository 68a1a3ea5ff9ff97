package org.skerry.board.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.board.document.Samples.EVALUATOR;
import static org.skerry.board.document.Samples.NOW;
import static org.skerry.board.document.Samples.PUBLISHER;
import static org.skerry.board.document.Samples.VOLUNTEER;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.board.BoardException;
import org.skerry.board.Refusal;
import org.skerry.board.dagcbor.DagCbor;
import org.skerry.board.dagcbor.Value;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.SignedEnvelope;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.multiformats.Cid;

final class SignedDocumentTest {
  private static final Task TASK = Samples.task();
  private static final Claim CLAIM = Samples.claim(VOLUNTEER, TASK.id(), 0, NOW);

  @Test
  void keepsTheBytesItReceived() {
    byte[] bytes = SignedDocument.seal(VOLUNTEER, CLAIM).bytes();
    SignedDocument<Claim> read = SignedDocument.open(DocumentKind.CLAIM, bytes);
    assertThat(read.bytes()).isEqualTo(bytes);
    assertThat(read.document()).isEqualTo(CLAIM);
    assertThat(read.id()).isEqualTo(DagCbor.cidOf(SignedEnvelope.decode(bytes).payload()));
  }

  @Test
  void refusesToSealInSomebodyElsesName() {
    assertRefused(Refusal.SIGNER_MISMATCH, () -> SignedDocument.seal(PUBLISHER, CLAIM));
  }

  @Test
  void refusesAPayloadThatNamesAnotherSigner() {
    assertRefused(Refusal.SIGNER_MISMATCH, () -> open(PUBLISHER, CLAIM.toValue()));
  }

  @Test
  void refusesASignatureUnderAnotherKindsDomain() {
    byte[] payload = DagCbor.encode(CLAIM.toValue());
    byte[] bytes =
        SignedEnvelope.seal(VOLUNTEER, "skerry-manifest", DocumentKind.CLAIM.payloadType(), payload)
            .bytes();
    assertRefused(Refusal.BAD_SIGNATURE, () -> SignedDocument.open(DocumentKind.CLAIM, bytes));
  }

  @Test
  void refusesAnotherKindsEnvelopeAndAnotherKindsPayload() {
    byte[] manifest =
        SignedDocument.seal(VOLUNTEER, Samples.weights(VOLUNTEER, TASK.id(), 0, NOW, "w")).bytes();
    assertRefused(Refusal.WRONG_KIND, () -> SignedDocument.open(DocumentKind.CLAIM, manifest));
    assertRefused(
        Refusal.WRONG_KIND,
        () -> open(VOLUNTEER, Samples.weights(VOLUNTEER, TASK.id(), 0, NOW, "w").toValue()));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void refusesEveryEnvelopeWithAFlippedBit(long seed) {
    Random random = new Random(seed);
    byte[] good =
        SignedDocument.seal(
                EVALUATOR,
                Samples.attestation(
                    EVALUATOR,
                    NOW,
                    SignedDocument.seal(
                        VOLUNTEER, Samples.weights(VOLUNTEER, TASK.id(), 0, NOW, "w")),
                    Samples.good(0.4),
                    Verdict.ACCEPTED))
            .bytes();
    for (int round = 0; round < 200; round++) {
      byte[] bad = good.clone();
      int bit = random.nextInt(bad.length * 8);
      bad[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> SignedDocument.open(DocumentKind.ATTESTATION, bad))
          .as("seed %d, bit %d", seed, bit)
          .isInstanceOf(BoardException.class);
    }
  }

  @Test
  void refusesAnAttestationOfAManifestWithABadSignature() {
    SignedDocument<WeightManifest> manifest =
        SignedDocument.seal(VOLUNTEER, Samples.weights(VOLUNTEER, TASK.id(), 0, NOW, "w"));
    Attestation honest =
        Samples.attestation(EVALUATOR, NOW, manifest, Samples.good(0.4), Verdict.ACCEPTED);
    byte[] forged = manifest.bytes();
    forged[forged.length - 1] ^= 1;
    Value payload = with(honest.toValue(), "manifest", new Value.BytesValue(forged));
    assertRefused(
        Refusal.BAD_SIGNATURE, () -> openAs(DocumentKind.ATTESTATION, EVALUATOR, payload));
  }

  @Test
  void saysThatASchemaVersionIsUnknownBeforeItJudgesTheFields() {
    Value newer =
        with(
            with(CLAIM.toValue(), "version", new Value.IntValue(2)),
            "somethingNew",
            new Value.NullValue());
    assertThatThrownBy(() -> open(VOLUNTEER, newer))
        .hasMessageContaining("schema version 2")
        .hasMessageContaining("reads version 1");
    assertRefused(Refusal.UNKNOWN_SCHEMA_VERSION, () -> open(VOLUNTEER, newer));
  }

  @Test
  void saysWhichFieldItDoesNotKnow() {
    Value extra = with(CLAIM.toValue(), "colour", new Value.TextValue("red"));
    assertThatThrownBy(() -> open(VOLUNTEER, extra)).hasMessageContaining("'colour'");
    assertRefused(Refusal.UNKNOWN_FIELD, () -> open(VOLUNTEER, extra));
    Value wide = with(CLAIM.toValue(), "\ud83d\ude00\ud83d\ude00", new Value.TextValue("red"));
    assertRefused(Refusal.UNKNOWN_FIELD, () -> open(VOLUNTEER, wide));
  }

  @Test
  void saysWhichFieldIsMissingOrOfAnotherType() {
    assertRefused(Refusal.MISSING_FIELD, () -> open(VOLUNTEER, without(CLAIM.toValue(), "step")));
    assertRefused(
        Refusal.WRONG_TYPE,
        () -> open(VOLUNTEER, with(CLAIM.toValue(), "step", new Value.RealValue(1))));
    assertRefused(
        Refusal.WRONG_TYPE,
        () -> open(VOLUNTEER, with(CLAIM.toValue(), "samplesPerSecond", new Value.IntValue(1))));
    assertRefused(
        Refusal.MALFORMED,
        () -> open(VOLUNTEER, with(CLAIM.toValue(), "signer", new Value.BytesValue(new byte[3]))));
  }

  @Test
  void boundsNumbersAndText() {
    Map<String, Value> bad =
        Map.of(
            "unit", new Value.IntValue(TaskCharter.MAX_UNITS),
            "sequence", new Value.IntValue(-1),
            "issuedAtMs", new Value.IntValue(1L << 53),
            "claimedAtMs", new Value.IntValue(NOW + 1),
            "leaseMs", new Value.IntValue(TaskCharter.MAX_LEASE_MS + 1),
            "device", new Value.TextValue("clears \u001b[2J the screen"),
            "task", new Value.LinkValue(Samples.blob("a blob is no task")));
    bad.forEach((field, value) ->
        assertRefused(
            Refusal.OUT_OF_BOUNDS, () -> open(VOLUNTEER, with(CLAIM.toValue(), field, value))));
    assertRefused(
        Refusal.TOO_LARGE,
        () ->
            open(VOLUNTEER, with(CLAIM.toValue(), "device", new Value.TextValue("x".repeat(97)))));
  }

  @Test
  void boundsEveryEnvelopeBeforeReadingIt() {
    assertRefused(Refusal.TOO_LARGE, () -> SignedDocument.open(DocumentKind.CLAIM, new byte[2945]));
  }

  @Test
  void fitsTheLongestDocumentsIntoTheirEnvelopes() {
    long max = Bounds.MAX_COUNT;
    Claim claim =
        new Claim(
            TASK.id(),
            127,
            Samples.peer(VOLUNTEER),
            max,
            max,
            max,
            TaskCharter.MAX_LEASE_MS,
            "d".repeat(Claim.MAX_DEVICE_BYTES),
            1e12,
            max,
            max,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Claim release =
        new Claim(
            TASK.id(),
            127,
            Samples.peer(VOLUNTEER),
            max,
            max,
            max,
            0,
            "d".repeat(Claim.MAX_DEVICE_BYTES),
            1e12,
            max,
            max,
            Optional.of(TASK.id()),
            Optional.empty(),
            Optional.empty());
    WeightManifest weights =
        new WeightManifest(
            TASK.id(),
            127,
            Samples.peer(VOLUNTEER),
            max,
            max,
            max,
            max,
            Optional.of(TASK.id()),
            Samples.blob("a"),
            Optional.of(Samples.blob("c")),
            Optional.of(Samples.blob("b")),
            0.1,
            0.2,
            "s".repeat(WeightManifest.MAX_SOFTWARE_BYTES),
            true);
    Measurements measured = new Measurements(1, 2, 3, 4, 5, 6, 7, true, Optional.of(TASK.id()));
    var manifest = SignedDocument.seal(VOLUNTEER, weights);
    Attestation attestation =
        Samples.attestation(EVALUATOR, max, manifest, measured, Verdict.REFUSED);
    Withdrawal withdrawal =
        new Withdrawal(
            TASK.id(),
            127,
            Samples.peer(VOLUNTEER),
            max,
            max,
            Optional.of(manifest.id()),
            "r".repeat(Withdrawal.MAX_REASON_BYTES));
    AcceptancePolicy policy =
        Samples.policy(
            5, Samples.key(11), Samples.key(12), Samples.key(13), Samples.key(14), Samples.key(15));
    assertFits(VOLUNTEER, claim);
    assertThat(SignedDocument.seal(VOLUNTEER, claim).sizeBytes())
        .isLessThanOrEqualTo(Claim.MAX_PLAIN_BYTES);
    assertThat(SignedDocument.seal(VOLUNTEER, release).sizeBytes())
        .isLessThanOrEqualTo(Claim.MAX_PLAIN_BYTES);
    assertFits(VOLUNTEER, weights);
    assertFits(EVALUATOR, attestation);
    assertFits(VOLUNTEER, withdrawal);
    assertFits(
        PUBLISHER,
        new TaskCharter(
            Samples.peer(PUBLISHER),
            max,
            TaskCharter.MAX_UNITS,
            8,
            TaskCharter.MAX_LEASE_MS,
            policy,
            TASK.id(),
            List.of(
                TASK.id(), Samples.document("b"), Samples.document("c"), Samples.document("d"))));
    TreeMap<String, Cid> tasks = new TreeMap<>();
    for (int i = 0; i < Catalog.MAX_ENTRIES; i++) {
      tasks.put("n".repeat(62) + (char) ('a' + i / 26) + (char) ('a' + i % 26), TASK.id());
    }
    assertFits(PUBLISHER, new Recovery(Samples.peer(PUBLISHER), Samples.peer(EVALUATOR), max));
    assertFits(
        PUBLISHER,
        new Revocation(
            Samples.peer(PUBLISHER),
            Samples.peer(PUBLISHER),
            Optional.of(Samples.peer(EVALUATOR)),
            max,
            "r".repeat(Revocation.MAX_REASON_BYTES)));
    Consent consent = new Consent(Samples.peer(VOLUNTEER), Samples.peer(PUBLISHER), max);
    assertFits(VOLUNTEER, consent);
    assertFits(
        EVALUATOR,
        new Succession(Samples.peer(EVALUATOR), SignedDocument.seal(VOLUNTEER, consent), max));
    assertFits(PUBLISHER, new Catalog(Samples.peer(PUBLISHER), max, max, tasks));
  }

  @Test
  void refusesStatementsAboutKeysThatMakeNoSense() {
    PeerId self = Samples.peer(PUBLISHER);
    PeerId other = Samples.peer(EVALUATOR);
    assertRefused(Refusal.OUT_OF_BOUNDS, () -> new Recovery(self, self, NOW));
    assertRefused(Refusal.OUT_OF_BOUNDS, () -> new Consent(self, self, NOW));
    assertRefused(
        Refusal.OUT_OF_BOUNDS, () -> new Revocation(self, self, Optional.of(self), NOW, ""));
    assertRefused(
        Refusal.OUT_OF_BOUNDS, () -> new Revocation(other, self, Optional.of(other), NOW, ""));
    assertRefused(
        Refusal.OUT_OF_BOUNDS, () -> new Revocation(self, self, Optional.empty(), NOW, "\u001b"));
  }

  @Test
  void refusesASuccessionWithoutTheSuccessorsOwnWord() {
    Succession honest = Samples.succession(PUBLISHER, PUBLISHER, EVALUATOR).document();
    byte[] forged = honest.consent().bytes();
    forged[forged.length - 1] ^= 1;
    assertRefused(
        Refusal.BAD_SIGNATURE,
        () ->
            openAs(
                DocumentKind.SUCCESSION,
                PUBLISHER,
                with(honest.toValue(), "consent", new Value.BytesValue(forged))));
    byte[] recovery = Samples.recovery(PUBLISHER, EVALUATOR).bytes();
    assertRefused(
        Refusal.WRONG_KIND,
        () ->
            openAs(
                DocumentKind.SUCCESSION,
                PUBLISHER,
                with(honest.toValue(), "consent", new Value.BytesValue(recovery))));
  }

  private static <T extends Document> void assertFits(PrivateKey key, T document) {
    SignedDocument<T> sealed = SignedDocument.seal(key, document);
    assertThat(SignedDocument.open(DocumentKind.of(document), sealed.bytes()).document())
        .isEqualTo(document);
  }

  @Test
  void carriesLossesThatAreNotFiniteAsAbsent() {
    WeightManifest nan =
        new WeightManifest(
            TASK.id(),
            0,
            Samples.peer(VOLUNTEER),
            1,
            1,
            1,
            1,
            Optional.empty(),
            Samples.blob("w"),
            Optional.empty(),
            Optional.empty(),
            Double.POSITIVE_INFINITY,
            Double.NaN,
            "s",
            false);
    WeightManifest read =
        SignedDocument.open(DocumentKind.MANIFEST, SignedDocument.seal(VOLUNTEER, nan).bytes())
            .document();
    assertThat(read.trainLoss()).isNaN();
    assertThat(read).isEqualTo(nan);
  }

  private static SignedDocument<Claim> open(PrivateKey key, Value payload) {
    return openAs(DocumentKind.CLAIM, key, payload);
  }

  private static <T extends Document> SignedDocument<T> openAs(
      DocumentKind<T> kind, PrivateKey key, Value payload) {
    return SignedDocument.open(
        kind,
        SignedEnvelope.seal(key, kind.domain(), kind.payloadType(), DagCbor.encode(payload))
            .bytes());
  }

  private static Value with(Value map, String field, Value value) {
    return edit(map, fields -> fields.put(field, value));
  }

  private static Value without(Value map, String field) {
    return edit(map, fields -> fields.remove(field));
  }

  private static Value edit(Value map, Consumer<Map<String, Value>> edit) {
    Map<String, Value> fields = new TreeMap<>(((Value.MapValue) map).entries());
    edit.accept(fields);
    return Value.map(fields);
  }

  private static void assertRefused(Refusal refusal, Runnable action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            BoardException.class,
            e -> assertThat(e.refusal()).as(e.getMessage()).isEqualTo(refusal));
  }
}
