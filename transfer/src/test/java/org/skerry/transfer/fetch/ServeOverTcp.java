package org.skerry.transfer.fetch;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.skerry.libp2p.Multiaddr;
import org.skerry.libp2p.crypto.PrivateKey;
import org.skerry.libp2p.host.HostConfig;
import org.skerry.libp2p.host.TcpHost;
import org.skerry.transfer.TransferLedger;
import org.skerry.transfer.limit.Quota;
import org.skerry.transfer.limit.Rates;
import org.skerry.transfer.limit.UploadQueue;
import org.skerry.transfer.serve.BlobServer;
import org.skerry.transfer.serve.UploadLimits;
import org.skerry.transfer.store.BlobStore;

/** A process that serves a store until its input ends; it says where, and then how many at once. */
final class ServeOverTcp {
  private ServeOverTcp() {}

  /** Takes the store's folder and the bytes a second of each peer. */
  public static void main(String[] args) throws Exception {
    TcpHost host =
        TcpHost.start(
            PrivateKey.generate(new SecureRandom()),
            HostConfig.listening("test", Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    UploadQueue queue =
        new UploadQueue(new Rates(Rates.ANY, Long.parseLong(args[1])), Quota.none());
    BlobServer server =
        new BlobServer(
            host,
            BlobStore.open(Path.of(args[0])),
            new TransferLedger(),
            UploadLimits.DEFAULT,
            queue);
    server.start();
    System.out.println(host.listenAddresses().getFirst().withPeerId(host.peerId()));
    int most = 0;
    while (System.in.read() >= 0) {
      most = Math.max(most, server.uploads());
      System.out.println(most);
    }
  }
}
