package org.skerry.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.node.cli.CommandRun;
import org.skerry.node.ensemble.PulledEnsemble;
import org.skerry.node.key.KeyWords;

/**
 * A publisher's key is stolen, and everything goes on under another: real daemons, a real worker
 * that trains and another that measures, and a thief.
 */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class StolenKeyIT {
  private final Homes homes;

  StolenKeyIT(@TempDir Path folder) {
    homes = new Homes(folder);
  }

  @AfterEach
  void close() {
    homes.close();
  }

  private CommandRun pull(String home, Multiaddr through, PeerId publisher) {
    return homes.pull(home, through, publisher + "/whole");
  }

  /** The daemon of somebody who allowed the stolen key. */
  private Daemon volunteer(Multiaddr through, PeerId allowed, String... setting) throws Exception {
    return homes.daemon(
        "volunteer",
        "SKERRY_NETWORK_BOOTSTRAP",
        through.toString(),
        "SKERRY_NETWORK_PUBLISHERS",
        allowed.toString(),
        setting[0],
        setting[1]);
  }

  @Test
  void theRecoveryKeysHeirGoesOnWithAForkAndTakesAlongWhoAllowedTheStolenKey() throws Exception {
    homes.well("publisher", "keys", "recovery", "--out", homes.path("kept.recovery"));
    Daemon hub = homes.daemon("hub", "SKERRY_VOLUNTEER_TRAIN", "false");
    Multiaddr address = hub.listenAddresses().getFirst();
    homes.idle("publisher", address);
    PeerId stolen = homes.peer("publisher");
    homes.create("publisher", 160, homes.path("first.task"));
    homes.well("publisher", "task", "publish", homes.path("first.task"));
    Map<String, String> before;
    try (Daemon _ = volunteer(address, stolen, "SKERRY_VOLUNTEER_EVALUATE", "false")) {
      before = homes.accepted("publisher", "whole");
    }
    assertThat(pull("consumer", address, stolen).status()).isZero();
    PulledEnsemble pulled = homes.note("consumer", "whole");

    PrivateKey key = homes.key("publisher");
    PrivateKey thief = TestPeer.key(66);
    PeerStack thiefs = homes.stack(thief, "thief", address);
    KeyWords words = new KeyWords(InstantSource.system());
    thiefs.keys().learn(words.recovery(key, PeerId.of(TestPeer.key(67).publicKey())));
    thiefs.keys().learn(words.succession(key, stolen, thief));
    assertThat(thiefs.keys().announceAll()).isZero();
    thiefs.boards().publishCatalog(thiefs.signer().catalog(new TreeMap<>()));
    CommandRun misled = pull("consumer", address, stolen);
    assertThat(misled.error()).as("until the owner notices").contains("no task 'whole'");
    assertThat(pull("newcomer", address, stolen).error()).contains("names two recovery keys");

    homes.well(
        "heir",
        "keys",
        "recover",
        homes.path("kept.recovery"),
        "--stolen",
        "the laptop is gone",
        "--bootstrap",
        address.toString());
    CommandRun revoked =
        homes.run(
            "consumer", "keys", "check", stolen.toString(), "--bootstrap", address.toString());
    assertThat(revoked.out()).contains("succeeded", homes.peer("heir").toString());
    homes.idle("heir", address);
    String fork =
        homes
            .well(
                "heir", "task", "fork", homes.path("first.task"), "--out", homes.path("again.task"))
            .out()
            .strip();
    homes.well("heir", "task", "publish", homes.path("again.task"));
    assertThat(homes.accepted("heir", "whole"))
        .as("what the stolen key's owner accepted, measured again")
        .isEqualTo(before);

    CommandRun followed = pull("consumer", address, stolen);
    assertThat(followed.status()).as(followed.err()).isZero();
    assertThat(followed.err()).contains("was succeeded by " + homes.peer("heir"));
    assertThat(homes.note("consumer", "whole").task()).isEqualTo(fork);
    assertThat(homes.note("consumer", "whole").publisher())
        .isEqualTo(homes.peer("heir").toString());
    assertThat(homes.note("consumer", "whole").blobs()).isEqualTo(pulled.blobs());
    assertThat(homes.well("consumer", "verify", "whole").out()).doesNotContain("BAD");
    CommandRun old = homes.pull("late", address, pulled.task());
    assertThat(old.err()).contains("no accepted expert");

    volunteer(address, stolen, "SKERRY_VOLUNTEER_TRAIN", "false");
    Awaitility.await()
        .atMost(90, TimeUnit.SECONDS)
        .until(() -> homes.run("volunteer", "task", "show", "whole").out().contains(fork));
    assertThat(homes.well("volunteer", "task", "show", "whole").out())
        .contains("goes on with the weights of " + pulled.task());
  }
}
