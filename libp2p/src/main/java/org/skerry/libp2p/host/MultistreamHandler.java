package org.skerry.libp2p.host;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.skerry.libp2p.multistream.MultistreamMessages;
import org.skerry.libp2p.multistream.Negotiation;
import org.skerry.libp2p.multistream.Negotiation.Step;

/**
 * Runs a {@link Negotiation} at the start of a channel, then gives its place in the pipeline to
 * what was chosen; bytes that came early go there too.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
final class MultistreamHandler extends ByteToMessageDecoder {
  private final Negotiation negotiation;
  private final Consumer<String> selected;
  private final BiConsumer<Enum<?>, String> rejected;
  private boolean greeted;
  private boolean over;

  /** The reason for a negotiation in which both sides have nothing in common. */
  enum Outcome {
    UNSUPPORTED
  }

  /**
   * @param selected gets what was agreed on, and adds the next handlers behind this one
   */
  MultistreamHandler(
      Negotiation negotiation, Consumer<String> selected, BiConsumer<Enum<?>, String> rejected) {
    this.negotiation = negotiation;
    this.selected = selected;
    this.rejected = rejected;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (ctx.channel().isActive()) {
      send(ctx, negotiation.start());
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    send(ctx, negotiation.start());
    super.channelActive(ctx);
  }

  private static void send(ChannelHandlerContext ctx, byte[] bytes) {
    if (bytes.length > 0) {
      ctx.writeAndFlush(Unpooled.wrappedBuffer(bytes), ctx.voidPromise());
    }
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (over) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int start = in.readerIndex();
    int size = readSize(in);
    if (size > MultistreamMessages.MAX_BYTES) {
      reject(Negotiation.Violation.BAD_MESSAGE, "a message longer than the limit");
    } else if (!greeted && size >= 0 && size != MultistreamMessages.GREETING_BYTES) {
      // Who speaks something else, or under a key, need not be waited for.
      reject(Negotiation.Violation.BAD_HEADER, "it does not begin with multistream-select");
    } else if (size < 0 || in.readableBytes() < size) {
      in.readerIndex(start); // the rest is still to come
    } else {
      byte[] message = new byte[size];
      in.readBytes(message);
      greeted = true;
      step(ctx, negotiation.receive(message));
    }
  }

  /** The length before a message (two bytes at most); -1 when it is not complete. */
  private static int readSize(ByteBuf in) {
    int low = in.readUnsignedByte();
    if (low < 0x80) {
      return low;
    }
    return in.isReadable() ? (low & 0x7f) | in.readUnsignedByte() << 7 : -1;
  }

  private void step(ChannelHandlerContext ctx, Step step) {
    switch (step) {
      case Step.Wait() -> {}
      case Step.Send(Negotiation.Bytes messages) -> send(ctx, messages.array());
      case Step.Selected(String protocol, Negotiation.Bytes messages) -> {
        over = true;
        send(ctx, messages.array());
        selected.accept(protocol);
        ctx.pipeline().remove(this);
      }
      case Step.Unsupported() -> reject(Outcome.UNSUPPORTED, "no protocol in common");
      case Step.Rejected(Negotiation.Violation violation, String detail) ->
          reject(violation, detail);
    }
  }

  private void reject(Enum<?> reason, String detail) {
    over = true;
    rejected.accept(reason, detail);
  }
}
