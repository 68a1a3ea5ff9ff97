package org.skerry.board.document;

import java.nio.charset.StandardCharsets;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.skerry.board.dagcbor.Value;

/**
 * A kind of signed document: how it is named under the signature, how large it may be, and how its
 * payload is read. Each kind signs under its own domain string and payload type, so that no
 * signature can be passed off as another kind's.
 *
 * @param name stands in the payload as {@code kind}, in the domain string {@code skerry-<name>} and
 *     in the payload type {@code /skerry/<name>}
 * @param maxEnvelopeBytes the size of the whole signed envelope
 * @param reader makes the document from its payload; envelopes inside it are opened by the second
 *     argument
 */
public record DocumentKind<T extends Document>(
    String name, Class<T> type, int maxEnvelopeBytes, BiFunction<Value, EnvelopeReader, T> reader) {

  public static final DocumentKind<TaskCharter> TASK =
      new DocumentKind<>("task", TaskCharter.class, 1024, plain(TaskCharter::fromValue));
  public static final DocumentKind<Catalog> CATALOG =
      new DocumentKind<>("catalog", Catalog.class, 8 * 1024, plain(Catalog::fromValue));
  public static final DocumentKind<Claim> CLAIM =
      new DocumentKind<>("claim", Claim.class, 640 + 1536 + 768, Claim::fromValue);
  public static final DocumentKind<WeightManifest> MANIFEST =
      new DocumentKind<>("manifest", WeightManifest.class, 768, plain(WeightManifest::fromValue));
  public static final DocumentKind<Attestation> ATTESTATION =
      new DocumentKind<>("attestation", Attestation.class, 1536, Attestation::fromValue);
  public static final DocumentKind<Withdrawal> WITHDRAWAL =
      new DocumentKind<>("withdrawal", Withdrawal.class, 768, plain(Withdrawal::fromValue));
  public static final DocumentKind<Recovery> RECOVERY =
      new DocumentKind<>("recovery", Recovery.class, 384, plain(Recovery::fromValue));
  public static final DocumentKind<Consent> CONSENT =
      new DocumentKind<>("consent", Consent.class, 384, plain(Consent::fromValue));
  public static final DocumentKind<Succession> SUCCESSION =
      new DocumentKind<>("succession", Succession.class, 768, Succession::fromValue);
  public static final DocumentKind<Revocation> REVOCATION =
      new DocumentKind<>("revocation", Revocation.class, 640, plain(Revocation::fromValue));

  private static <T> BiFunction<Value, EnvelopeReader, T> plain(Function<Value, T> reader) {
    return (value, nested) -> reader.apply(value);
  }

  /** The kind of {@code document}. */
  @SuppressWarnings("unchecked") // each case pairs a document with its own kind
  public static <T extends Document> DocumentKind<T> of(T document) {
    return (DocumentKind<T>)
        switch (document) {
          case TaskCharter ignored -> TASK;
          case Catalog ignored -> CATALOG;
          case Claim ignored -> CLAIM;
          case WeightManifest ignored -> MANIFEST;
          case Attestation ignored -> ATTESTATION;
          case Withdrawal ignored -> WITHDRAWAL;
          case Recovery ignored -> RECOVERY;
          case Consent ignored -> CONSENT;
          case Succession ignored -> SUCCESSION;
          case Revocation ignored -> REVOCATION;
        };
  }

  /** The envelope's domain string. */
  public String domain() {
    return "skerry-" + name;
  }

  /** The envelope's payload type. */
  public byte[] payloadType() {
    return ("/skerry/" + name).getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return name;
  }
}
