package org.skerry.libp2p.noise;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns plain bytes into Noise transport messages and back: a 2-byte big-endian length and at most
 * 65,535 bytes of ciphertext. Owned by its channel's event loop.
 *
 * <p>What is written between two flushes is packed into as few frames as possible, so that a muxer
 * may write headers and bodies apart. An idle connection holds no buffers: there may be thousands.
 */
@SuppressWarnings("FutureReturnValueIgnored") // the channel itself tells of its failures
public final class NoiseFrames extends ChannelDuplexHandler {
  static final int MAX_FRAME_BYTES = 65_535;
  static final int MAX_PLAIN_BYTES = MAX_FRAME_BYTES - CipherState.TAG_BYTES;
  private static final int LENGTH_BYTES = 2;
  private static final int LEAST_PLAIN_BYTES = 512;
  private static final byte[] NO_AD = {};

  private final CipherState sending;
  private final CipherState receiving;
  private final BiConsumer<NoiseRejection, String> rejected;

  /** What waits for a flush. */
  private @Nullable ByteBuf plain;

  private final List<ChannelPromise> plainPromises = new ArrayList<>();

  /** The beginning of a frame of which more is to come. */
  private @Nullable ByteBuf frame;

  private int lengthBytesRead;
  private int frameSize;
  private boolean broken;

  /**
   * @param rejected told once when the other side breaks the channel, which is then closed
   */
  public NoiseFrames(SecureChannel channel, BiConsumer<NoiseRejection, String> rejected) {
    this.sending = channel.sending();
    this.receiving = channel.receiving();
    this.rejected = rejected;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    ByteBuf in = (ByteBuf) msg;
    try {
      while (in.isReadable() && !broken) {
        readSome(ctx, in);
      }
    } finally {
      in.release();
    }
  }

  private void readSome(ChannelHandlerContext ctx, ByteBuf in) {
    if (lengthBytesRead < LENGTH_BYTES) {
      frameSize = frameSize << 8 | in.readUnsignedByte();
      lengthBytesRead++;
      return;
    }
    ByteBuf begun = frame;
    int size =
        Math.min(frameSize - (begun == null ? 0 : begun.readableBytes()), in.readableBytes());
    if (size == frameSize) { // Opened where it lies.
      open(ctx, in.nioBuffer(in.readerIndex(), size));
      in.skipBytes(size);
    } else {
      if (begun == null) {
        begun = ctx.alloc().heapBuffer(frameSize);
        frame = begun;
      }
      begun.writeBytes(in, size);
      if (begun.readableBytes() < frameSize) {
        return;
      }
      frame = null;
      try {
        open(ctx, begun.nioBuffer());
      } finally {
        begun.release();
      }
    }
    lengthBytesRead = 0;
    frameSize = 0;
  }

  private void open(ChannelHandlerContext ctx, ByteBuffer sealed) {
    if (receiving.isExhausted()) {
      fail(ctx, NoiseRejection.EXHAUSTED, "the receiving nonces are used up");
      return;
    }
    int size = Math.max(0, sealed.remaining() - CipherState.TAG_BYTES);
    ByteBuf out = ctx.alloc().heapBuffer(Math.max(1, size));
    try {
      receiving.decrypt(NO_AD, sealed, out.nioBuffer(0, size));
      if (size > 0) {
        ctx.fireChannelRead(out.writerIndex(size).retain());
      }
    } catch (NoiseException e) {
      fail(ctx, e.rejection(), String.valueOf(e.getMessage()));
    } finally {
      out.release();
    }
  }

  private void fail(ChannelHandlerContext ctx, NoiseRejection rejection, String detail) {
    broken = true;
    rejected.accept(rejection, detail);
    ctx.close();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
    ByteBuf in = (ByteBuf) msg;
    try {
      for (int size = MAX_PLAIN_BYTES - plainSize(); // Sealed where it lies.
          in.readableBytes() > size;
          size = MAX_PLAIN_BYTES) {
        seal(ctx, in.nioBuffers(in.readerIndex(), size));
        in.skipBytes(size);
      }
      if (!promise.isVoid()) {
        plainPromises.add(promise);
      }
      if (plainSize() + in.readableBytes() == MAX_PLAIN_BYTES) {
        seal(ctx, in.nioBuffers());
      } else {
        pack(ctx, in);
      }
    } finally {
      in.release();
    }
  }

  private int plainSize() {
    return plain == null ? 0 : plain.readableBytes();
  }

  private void pack(ChannelHandlerContext ctx, ByteBuf in) {
    ByteBuf into = plain;
    if (into == null) {
      int size = Math.max(in.readableBytes(), LEAST_PLAIN_BYTES);
      into = ctx.alloc().heapBuffer(size, MAX_PLAIN_BYTES);
      plain = into;
    }
    into.writeBytes(in);
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    seal(ctx);
    ctx.flush();
  }

  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
    seal(ctx);
    ctx.close(promise);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (plain != null) {
      plain.release();
      plain = null;
    }
    if (frame != null) {
      frame.release();
      frame = null;
    }
  }

  /** Encrypts and writes what is packed so far, and {@code behind} it. */
  private void seal(ChannelHandlerContext ctx, ByteBuffer... behind) {
    ByteBuf packed = plain == null ? Unpooled.EMPTY_BUFFER : plain;
    plain = null;
    try {
      seal(ctx, packed.nioBuffer(), behind);
    } finally {
      packed.release();
    }
  }

  private void seal(ChannelHandlerContext ctx, ByteBuffer packed, ByteBuffer[] behind) {
    ByteBuffer[] parts = new ByteBuffer[1 + behind.length];
    parts[0] = packed;
    System.arraycopy(behind, 0, parts, 1, behind.length);
    int size = 0;
    for (ByteBuffer part : parts) {
      size += part.remaining();
    }
    if (size == 0) {
      return;
    }
    if (sending.isExhausted()) {
      plainPromises.forEach(p -> p.tryFailure(new IllegalStateException("no nonce is left")));
      plainPromises.clear();
      fail(ctx, NoiseRejection.EXHAUSTED, "the sending nonces are used up");
      return;
    }
    int sealedSize = size + CipherState.TAG_BYTES;
    ByteBuf out = ctx.alloc().directBuffer(LENGTH_BYTES + sealedSize); // As sockets need it.
    out.writeShort(sealedSize);
    sending.encrypt(NO_AD, parts, out.nioBuffer(LENGTH_BYTES, sealedSize));
    out.writerIndex(LENGTH_BYTES + sealedSize);
    if (plainPromises.isEmpty()) {
      ctx.write(out, ctx.voidPromise());
      return;
    }
    List<ChannelPromise> promises = List.copyOf(plainPromises);
    plainPromises.clear();
    ctx.write(out)
        .addListener(done ->
            promises.forEach(p -> {
              if (done.isSuccess()) {
                p.trySuccess();
              } else {
                p.tryFailure(done.cause());
              }
            }));
  }
}
