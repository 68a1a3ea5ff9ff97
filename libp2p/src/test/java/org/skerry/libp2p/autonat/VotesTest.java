package org.skerry.libp2p.autonat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VotesTest {
  private final Votes votes = new Votes();

  @Test
  void oneProofIsEnoughAndThreeFailuresAre() {
    assertThat(votes.outcome(5)).isEqualTo(Reachability.UNKNOWN);
    votes.addAnew("a", false);
    votes.addAnew("b", false);
    assertThat(votes.outcome(5)).isEqualTo(Reachability.UNKNOWN);
    assertThat(votes.outcome(2)).as("of two there are").isEqualTo(Reachability.UNREACHABLE);
    votes.addAnew("c", false);
    assertThat(votes.outcome(5)).isEqualTo(Reachability.UNREACHABLE);

    Votes proven = new Votes();
    proven.addAnew("a", true);
    assertThat(proven.outcome(5)).isEqualTo(Reachability.REACHABLE);
  }

  @Test
  void whoeverContradictsASettledBeliefIsBelievedOnlyWithOthers() {
    votes.addAnew("a", true);
    votes.addAnew("b", true);
    votes.addAnew("liar", false);
    assertThat(votes.outcome(3)).isEqualTo(Reachability.UNKNOWN);
    assertThat(votes.has("a")).as("a has to speak anew").isFalse();
    votes.addAnew("a", true);
    assertThat(votes.outcome(3)).isEqualTo(Reachability.REACHABLE);
  }

  @Test
  void onePlaceHasOneVote() {
    for (int i = 0; i < 10; i++) {
      votes.addAnew("a", false);
    }
    assertThat(votes.outcome(3)).isEqualTo(Reachability.UNKNOWN);
  }
}
