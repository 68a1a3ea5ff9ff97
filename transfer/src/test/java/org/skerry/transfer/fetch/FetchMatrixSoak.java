package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;

/**
 * Every cell of the {@link FetchMatrix} over real sockets, with blobs of many chunks and of random
 * sizes; {@code -Dskerry.seeds} says how often.
 */
class FetchMatrixSoak {
  private static final int MANY = 40;
  private static final int RANDOM_SIZES = 3;
  private static final Multiaddr LOOPBACK = Multiaddr.parse("/ip4/127.0.0.1/tcp/0");

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource
  void completesFromOrBesideAnHonestSource(Fault fault) throws Exception {
    run(fault, true);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void endsTypedWithoutAnHonestSource(Fault fault) throws Exception {
    run(fault, false);
  }

  private void run(Fault fault, boolean honestToo) throws Exception {
    try (FetchMatrix matrix = new FetchMatrix(folder, FetchMatrixSoak::host)) {
      for (int seed = 1; seed <= Integer.getInteger("skerry.seeds", 3); seed++) {
        matrix.run(sizes(seed), fault, honestToo, seed);
      }
    }
  }

  private static List<Integer> sizes(long seed) {
    List<Integer> sizes = new ArrayList<>(List.of(0, 1));
    for (int chunks : new int[] {1, 3, MANY}) {
      sizes.add(FetchMatrix.bytes(chunks, false));
      sizes.add(FetchMatrix.bytes(chunks, true));
    }
    Random random = new Random(seed);
    for (int i = 0; i < RANDOM_SIZES; i++) {
      sizes.add(1 + random.nextInt(FetchMatrix.bytes(MANY, true)));
    }
    return sizes;
  }

  private static Host host() throws IOException {
    return TcpHost.start(
        PrivateKey.generate(new SecureRandom()), HostConfig.listening("test", LOOPBACK));
  }
}
