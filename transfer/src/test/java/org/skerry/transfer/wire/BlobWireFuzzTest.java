package org.skerry.transfer.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.DataFormatException;
import org.skerry.libp2p.multiformats.Multihash;
import org.skerry.libp2p.multiformats.Varint;
import org.skerry.libp2p.testing.Hostile;
import org.skerry.libp2p.testing.RecordedStream;
import org.skerry.transfer.BlobHead;
import org.skerry.transfer.wire.BlobWire.MalformedException;

class BlobWireFuzzTest {
  /** Of two chunks, the last of 1000 bytes. */
  private static final BlobHead HEAD =
      new BlobHead(BlobHead.CHUNK_BYTES + 1000, Multihash.ofSha256(new byte[32]));

  @FuzzTest
  void request(byte[] in) {
    Hostile.read(MalformedException.class, () -> BlobWire.decodeRequest(in))
        .ifPresent(request -> {
          RecordedStream stream = new RecordedStream(BlobWire.PROTOCOL, new byte[0]);
          Hostile.read(
              MalformedException.class,
              () -> {
                BlobWire.write(stream, request);
                return stream;
              });
          RecordedStream written = new RecordedStream(BlobWire.PROTOCOL, stream.written());
          assertThat(Hostile.read(MalformedException.class, () -> BlobWire.readRequest(written)))
              .contains(request);
        });
  }

  @FuzzTest
  void response(byte[] in) {
    Hostile.read(
        MalformedException.class, () -> BlobWire.decode(ByteBuffer.wrap(in), Optional.empty()));
    Hostile.read(
            MalformedException.class, () -> BlobWire.decode(ByteBuffer.wrap(in), Optional.of(HEAD)))
        .ifPresent(BlobWireFuzzTest::check);
  }

  private static void check(Response response) {
    byte[] written = BlobWire.encode(response);
    Response read =
        Hostile.read(
                MalformedException.class,
                () -> BlobWire.decode(ByteBuffer.wrap(written), Optional.of(HEAD)))
            .orElseThrow();
    assertThat(BlobWire.encode(read)).isEqualTo(written);
    switch (response) {
      case Response.Opened(BlobHead head, var have) ->
          assertThat(have.chunks()).isEqualTo(head.chunks());
      case Response.Have(var have) -> assertThat(have.chunks()).isEqualTo(HEAD.chunks());
      case Response.Chunk chunk -> {
        ByteBuffer framed = ByteBuffer.allocate(written.length + Varint.MAX_BYTES);
        BlobWire.framed(chunk).forEach(framed::put);
        byte[] message = new byte[Varint.readInt(framed.flip(), BlobWire.MAX_RESPONSE_BYTES)];
        assertThat(framed.get(message).remaining()).isZero();
        assertThat(BlobWire.encode(decoded(message))).isEqualTo(written);
        Hostile.read(DataFormatException.class, () -> chunk.decoded(1000))
            .filter(proven -> chunk.planes())
            .ifPresent(proven -> assertThat(proven.data().remaining()).isEqualTo(1000));
      }
      case Response.Refusal refusal -> assertThat(refusal.why()).isNotNull();
    }
  }

  private static Response decoded(byte[] message) {
    return Hostile.read(
            MalformedException.class,
            () -> BlobWire.decode(ByteBuffer.wrap(message), Optional.of(HEAD)))
        .orElseThrow();
  }
}
