package org.skerry.board.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.skerry.board.document.KeyRecord;
import org.skerry.board.document.KeyStatement;
import org.skerry.board.document.Samples;
import org.skerry.board.document.SignedDocument;
import org.skerry.libp2p.crypto.PrivateKey;

/** Who is believed, by readers who heard different things first. */
final class KeyBeliefTest {
  private static final PrivateKey KEY = Samples.key(31);
  private static final PrivateKey RECOVERY = Samples.key(32);
  private static final PrivateKey NEXT = Samples.key(33);
  private static final PrivateKey THIEF = Samples.key(34);
  private static final PrivateKey THIEFS_RECOVERY = Samples.key(35);

  private static final SignedDocument<? extends KeyStatement> NAMES_RECOVERY =
      Samples.recovery(KEY, RECOVERY);
  private static final SignedDocument<? extends KeyStatement> NAMES_THIEFS =
      Samples.recovery(KEY, THIEFS_RECOVERY);
  private static final SignedDocument<? extends KeyStatement> TO_NEXT =
      Samples.succession(KEY, KEY, NEXT);
  private static final SignedDocument<? extends KeyStatement> TO_THIEF =
      Samples.succession(KEY, KEY, THIEF);
  private static final SignedDocument<? extends KeyStatement> RECOVERED =
      Samples.succession(RECOVERY, KEY, NEXT);
  private static final SignedDocument<? extends KeyStatement> THIEF_RECOVERED =
      Samples.succession(THIEFS_RECOVERY, KEY, THIEF);
  private static final SignedDocument<? extends KeyStatement> REVOKED =
      Samples.revocation(KEY, KEY, Optional.of(RECOVERY));
  private static final SignedDocument<? extends KeyStatement> REVOKED_FOR_GOOD =
      Samples.revocation(KEY, KEY, Optional.empty());

  private static final KeyStanding CURRENT = new KeyStanding.Current();
  private static final KeyStanding WITH_NEXT = new KeyStanding.Succeeded(Samples.peer(NEXT));
  private static final KeyStanding WITH_THIEF = new KeyStanding.Succeeded(Samples.peer(THIEF));

  /** A reader who knows nothing yet. */
  private static final KeyBelief NEWCOMER = KeyBelief.nothing(Samples.peer(KEY));

  /** Who hears all of this at once, as a reader of the network's joined records does. */
  @SafeVarargs
  @SuppressWarnings("varargs")
  private static KeyBelief hear(
      KeyBelief before, SignedDocument<? extends KeyStatement>... statements) {
    KeyBelief after = before;
    for (PrivateKey signer : List.of(KEY, RECOVERY, THIEFS_RECOVERY)) {
      Optional<KeyRecord> joined =
          Arrays.stream(statements)
              .map(KeyRecord::of)
              .filter(record -> record.signer().equals(Samples.peer(signer)))
              .reduce(KeyRecord::merge);
      if (joined.isPresent()) {
        after = after.hear(joined.get());
      }
    }
    return after;
  }

  private static void assertDisputed(KeyBelief belief) {
    assertThat(belief.standing()).isInstanceOf(KeyStanding.Disputed.class);
  }

  private static void assertRevoked(KeyBelief belief) {
    assertThat(belief.standing()).isEqualTo(new KeyStanding.Revoked("stolen"));
  }

  @Test
  void aKeySpeaksForItselfUntilItNamesItsSuccessor() {
    assertThat(NEWCOMER.standing()).isEqualTo(CURRENT);
    assertThat(hear(NEWCOMER, NAMES_RECOVERY).standing()).isEqualTo(CURRENT);
    assertThat(hear(NEWCOMER, TO_NEXT).standing()).isEqualTo(WITH_NEXT);
  }

  @Test
  void whoFollowedTheSuccessorIsNotLedAwayByWhoFindsTheOldKeyLater() {
    KeyBelief follower = hear(NEWCOMER, TO_NEXT);
    assertThat(hear(follower, TO_THIEF, TO_NEXT).standing()).isEqualTo(WITH_NEXT);
    assertDisputed(hear(NEWCOMER, TO_THIEF, TO_NEXT));
  }

  @Test
  void theRecoveryKeyNamedBeforeTheTheftWinsOverTheStolenKey() {
    KeyBelief reader = hear(NEWCOMER, NAMES_RECOVERY);
    KeyBelief fooled = hear(reader, TO_THIEF, NAMES_THIEFS, THIEF_RECOVERED);
    assertThat(fooled.standing()).as("until the owner notices").isEqualTo(WITH_THIEF);
    assertThat(hear(fooled, RECOVERED).standing()).isEqualTo(WITH_NEXT);
    assertThat(hear(reader, RECOVERED, TO_THIEF, THIEF_RECOVERED, NAMES_THIEFS).standing())
        .isEqualTo(WITH_NEXT);
    assertThat(hear(hear(reader, RECOVERED), REVOKED_FOR_GOOD).standing())
        .as("the thief's revenge")
        .isEqualTo(WITH_NEXT);
  }

  @Test
  void anyWordOfARevokedKeyIsVoidAndOnlyItsRecoveryKeyNamesAnother() {
    assertRevoked(hear(NEWCOMER, REVOKED));
    assertRevoked(hear(hear(NEWCOMER, TO_THIEF), REVOKED));
    assertThat(hear(hear(NEWCOMER, REVOKED), RECOVERED).standing())
        .as("the revocation itself names the recovery key")
        .isEqualTo(WITH_NEXT);
    assertRevoked(hear(NEWCOMER, REVOKED_FOR_GOOD, RECOVERED));
    assertThat(hear(NEWCOMER, REVOKED, RECOVERED).revoked()).contains("stolen");
  }

  @Test
  void theRecoveryKeyRevokesToo() {
    SignedDocument<? extends KeyStatement> said =
        Samples.revocation(RECOVERY, KEY, Optional.empty());
    assertRevoked(hear(NEWCOMER, NAMES_RECOVERY, said));
    assertThat(hear(NEWCOMER, said).standing()).as("nobody named it").isEqualTo(CURRENT);
    assertThat(hear(NEWCOMER, NAMES_RECOVERY, said, RECOVERED).standing()).isEqualTo(WITH_NEXT);
  }

  @Test
  void ofTwoRecoveryKeysANewcomerBelievesNeither() {
    assertDisputed(hear(NEWCOMER, NAMES_RECOVERY, NAMES_THIEFS));
    assertDisputed(
        hear(NEWCOMER, NAMES_RECOVERY, NAMES_THIEFS, TO_THIEF, RECOVERED, THIEF_RECOVERED));
    KeyBelief late = hear(NEWCOMER, NAMES_RECOVERY, NAMES_THIEFS);
    assertDisputed(hear(late, NAMES_RECOVERY, RECOVERED));
    assertRevoked(hear(NEWCOMER, NAMES_THIEFS, REVOKED_FOR_GOOD, THIEF_RECOVERED));
  }

  @Test
  void aRecoveryKeyThatNamesTwoSuccessorsIsFollowedToNeitherByANewcomer() {
    SignedDocument<? extends KeyStatement> other = Samples.succession(RECOVERY, KEY, THIEF);
    assertDisputed(hear(NEWCOMER, NAMES_RECOVERY, RECOVERED, other));
    assertThat(hear(hear(NEWCOMER, NAMES_RECOVERY, RECOVERED), other).standing())
        .isEqualTo(WITH_NEXT);
  }

  @Test
  void strangersWordsAreNotRememberedNorIsARecordOfAnotherKey() {
    assertThat(hear(NEWCOMER, RECOVERED, THIEF_RECOVERED)).isEqualTo(NEWCOMER);
    assertThatThrownBy(() -> NEWCOMER.hear(KeyRecord.of(Samples.recovery(THIEF, RECOVERY))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void passesOnWhatItHeard() {
    KeyBelief belief = hear(hear(NEWCOMER, NAMES_RECOVERY), REVOKED, RECOVERED);
    assertThat(belief.records())
        .containsExactlyInAnyOrder(
            KeyRecord.of(NAMES_RECOVERY).merge(KeyRecord.of(REVOKED)), KeyRecord.of(RECOVERED));
  }
}
