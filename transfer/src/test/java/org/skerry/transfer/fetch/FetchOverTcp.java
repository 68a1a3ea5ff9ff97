package org.skerry.transfer.fetch;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.Stream;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.transfer.BlobId;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.limit.DownloadBudget;
import org.skerry.transfer.store.BlobStore;

/**
 * A process that fetches a blob over sockets. It says {@code ready}, begins when it is sent a byte,
 * says {@code done} when the blob is whole, and waits for its end.
 */
final class FetchOverTcp {
  private FetchOverTcp() {}

  /**
   * Takes the store's folder, the blob, a file, and the addresses of the peers that have the blob.
   * The file's first eight bytes count what was read from their streams, also behind a kill.
   */
  public static void main(String[] args) throws Exception {
    TcpHost host =
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()),
            HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    List<PeerId> seeds = new ArrayList<>();
    for (String text : Arrays.asList(args).subList(3, args.length)) {
      Multiaddr address = Multiaddr.parse(text);
      PeerId seed = address.peerId().orElseThrow();
      host.addAddresses(seed, List.of(address.withoutPeerId()));
      seeds.add(seed);
    }
    System.out.println("ready");
    if (System.in.read() < 0) {
      throw new IOException("nobody waits for this process");
    }
    BlobStore store = BlobStore.open(Path.of(args[0]));
    BlobFetcher fetcher =
        new BlobFetcher(
            counting(host, Path.of(args[2])),
            store,
            new TransferLedger(),
            FetchLimits.DEFAULT,
            DownloadBudget.unlimited());
    fetcher.fetch(
        BlobId.parse(args[1]), ignored -> seeds, Progress.Listener.NONE, Duration.ofMinutes(10));
    System.out.println("done");
    Thread.sleep(Duration.ofMinutes(10));
  }

  private static Host counting(TcpHost host, Path file) throws IOException {
    MappedByteBuffer count;
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      count = channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
    }
    return new ForwardingHost(host) {
      @Override
      public Stream open(PeerId peer, List<String> protocols, Duration timeout)
          throws Libp2pException {
        return new HeardStream(
            super.open(peer, protocols, timeout),
            bytes -> {
              synchronized (count) {
                count.putLong(0, count.getLong(0) + bytes);
              }
            });
      }
    };
  }
}
