package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.skerry.libp2p.noise.NoiseHandshake;
import org.skerry.libp2p.noise.NoiseRejection;
import org.skerry.libp2p.noise.SecureChannel;

/**
 * Runs a {@link NoiseHandshake} on a channel, then gives its place to what {@code secured} adds.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class NoiseHandshakeHandler extends ByteToMessageDecoder {
  private final NoiseHandshake handshake;
  private final boolean initiator;
  private final Consumer<SecureChannel> secured;
  private final BiConsumer<Enum<?>, String> rejected;
  private boolean over;

  NoiseHandshakeHandler(
      NoiseHandshake handshake,
      boolean initiator,
      Consumer<SecureChannel> secured,
      BiConsumer<Enum<?>, String> rejected) {
    this.handshake = handshake;
    this.initiator = initiator;
    this.secured = secured;
    this.rejected = rejected;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (initiator) {
      send(ctx, handshake.start());
    }
  }

  private static void send(ChannelHandlerContext ctx, NoiseHandshake.Message message) {
    byte[] bytes = message.bytes();
    if (bytes.length > 0) {
      ByteBuf frame = ctx.alloc().buffer(2 + bytes.length);
      ctx.writeAndFlush(frame.writeShort(bytes.length).writeBytes(bytes), ctx.voidPromise());
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (over) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (in.readableBytes() < 2) {
      return;
    }
    int size = in.getUnsignedShort(in.readerIndex());
    if (in.readableBytes() < 2 + size) {
      return;
    }
    byte[] message = new byte[size];
    in.skipBytes(2).readBytes(message);
    switch (handshake.receive(message)) {
      case NoiseHandshake.Step.Send(NoiseHandshake.Message answer) -> send(ctx, answer);
      case NoiseHandshake.Step.Finished(NoiseHandshake.Message last, SecureChannel channel) -> {
        over = true;
        send(ctx, last);
        secured.accept(channel);
        ctx.pipeline().remove(this);
      }
      case NoiseHandshake.Step.Rejected(NoiseRejection rejection, String detail) -> {
        over = true;
        rejected.accept(rejection, detail);
      }
    }
  }
}
