package org.skerry.transfer.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.skerry.libp2p.Host;
import org.skerry.libp2p.testing.SimulatedNetwork;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.ChunkSet;
import org.skerry.transfer.MerkleTree;
import org.skerry.transfer.ProvenChunk;
import org.skerry.transfer.TestBlobs;
import org.skerry.transfer.TransferLedger.Rejection;
import org.skerry.transfer.compress.PlaneCodec;
import org.skerry.transfer.wire.BlobWire;
import org.skerry.transfer.wire.Response;

@Timeout(30)
class PeerSessionTest {
  private final byte[] blob = TestBlobs.weights(2 * BlobHead.CHUNK_BYTES - 1, 1);
  private final BlobHead head = MerkleTree.of(blob).head();

  /** Asks for chunk 0 as planes and for chunk 1 as it is, and notes what comes. */
  private static final class Asking implements Session.Events {
    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();

    @Override
    public void opened(Session session, BlobHead head, ChunkSet have) {
      session.want(0, 1, true);
      session.want(1, 1, false);
    }

    @Override
    public void chunk(Session session, ProvenChunk chunk, int wireBytes) {
      seen.add(chunk);
    }

    @Override
    public void lied(Session session, Rejection rejection) {
      seen.add(rejection);
    }

    @Override
    public void have(Session session, ChunkSet have) {
      seen.add(have);
    }

    @Override
    public void gone(Session session, int index) {
      seen.add(index);
    }

    @Override
    public void failed(Session session, FetchPlan.Failure failure, long leaveAloneMs) {
      seen.add(failure);
    }
  }

  @Test
  void takesPlanesOnlyForWhatItAskedToComeSo() throws Exception {
    try (SimulatedNetwork network = new SimulatedNetwork(1)) {
      Host pushing = network.host();
      pushing.handle(
          BlobWire.PROTOCOL,
          stream -> {
            BlobWire.readRequest(stream);
            BlobWire.write(stream, new Response.Opened(head, ChunkSet.all(2)));
            for (int i = 0; i < 2; i++) {
              BlobWire.readRequest(stream);
              BlobWire.write(
                  stream,
                  Response.Chunk.planes(TestBlobs.chunk(blob, i), PlaneCodec.room(blob.length)));
            }
            BlobWire.readRequest(stream);
          });
      Asking asking = new Asking();
      Host host = network.host();
      network.introduceAll();
      Session session =
          new PeerSession(host, BlobWire.PROTOCOL, pushing.peerId(), head.id(), asking);
      session.start();
      assertThat(asking.seen.take()).isEqualTo(TestBlobs.chunk(blob, 0));
      assertThat(asking.seen.take()).isEqualTo(Rejection.MALFORMED_MESSAGE);
      session.end();
    }
  }
}
