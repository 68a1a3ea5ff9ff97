package org.skerry.libp2p.autonat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.skerry.libp2p.autonat.Votes.Word;

class VotesTest {
  private final Votes votes = new Votes();

  @Test
  void oneProofIsEnoughAndThreeFailuresAre() {
    assertThat(votes.outcome(5)).isEqualTo(Reachability.UNKNOWN);
    votes.addAnew("a", Word.FAILED);
    votes.addAnew("b", Word.FAILED);
    assertThat(votes.outcome(5)).isEqualTo(Reachability.UNKNOWN);
    assertThat(votes.outcome(2)).as("of two there are").isEqualTo(Reachability.UNREACHABLE);
    votes.addAnew("c", Word.FAILED);
    assertThat(votes.outcome(5)).isEqualTo(Reachability.UNREACHABLE);

    Votes proven = new Votes();
    proven.addAnew("a", Word.PROVEN);
    assertThat(proven.outcome(5)).isEqualTo(Reachability.REACHABLE);
  }

  @Test
  void whoeverContradictsASettledBeliefIsBelievedOnlyWithOthers() {
    votes.addAnew("a", Word.PROVEN);
    votes.addAnew("b", Word.PROVEN);
    votes.addAnew("liar", Word.FAILED);
    assertThat(votes.outcome(3)).isEqualTo(Reachability.UNKNOWN);
    assertThat(votes.has("a")).as("a has to speak anew").isFalse();
    votes.addAnew("a", Word.PROVEN);
    assertThat(votes.outcome(3)).isEqualTo(Reachability.REACHABLE);
  }

  @Test
  void onePlaceHasOneVote() {
    for (int i = 0; i < 10; i++) {
      votes.addAnew("a", Word.FAILED);
    }
    assertThat(votes.outcome(3)).isEqualTo(Reachability.UNKNOWN);
  }

  @Test
  void claimsWeighNothingUntilThereAreThree() {
    votes.addAnew("a", Word.CLAIMED);
    votes.addAnew("b", Word.CLAIMED);
    assertThat(votes.outcome(2)).isEqualTo(Reachability.UNKNOWN);
    votes.addAnew("c", Word.CLAIMED);
    assertThat(votes.outcome(5)).isEqualTo(Reachability.REACHABLE);
  }

  @Test
  void failuresMustOutnumberClaims() {
    votes.addAnew("a", Word.CLAIMED);
    votes.addAnew("b", Word.FAILED);
    assertThat(votes.outcome(1)).isEqualTo(Reachability.UNKNOWN);
    votes.addAnew("c", Word.FAILED);
    assertThat(votes.outcome(2)).isEqualTo(Reachability.UNREACHABLE);
  }
}
