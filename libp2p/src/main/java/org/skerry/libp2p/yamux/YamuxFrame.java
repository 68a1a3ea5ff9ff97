package org.skerry.libp2p.yamux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;

/** The 12-byte header before every frame: version, type, flags, stream, length; big-endian. */
record YamuxFrame(int version, int type, int flags, int stream, int length) {
  static final int HEADER_BYTES = 12;
  static final int INITIAL_WINDOW_BYTES = 256 << 10;

  static final int DATA = 0;
  static final int WINDOW_UPDATE = 1;
  static final int PING = 2;
  static final int GO_AWAY = 3;

  static final int SYN = 1;
  static final int ACK = 2;
  static final int FIN = 4;
  static final int RST = 8;
  static final int ALL_FLAGS = SYN | ACK | FIN | RST;

  static YamuxFrame read(ByteBuffer in) {
    return new YamuxFrame(
        Byte.toUnsignedInt(in.get()),
        Byte.toUnsignedInt(in.get()),
        Short.toUnsignedInt(in.getShort()),
        in.getInt(),
        in.getInt());
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  long unsignedStream() {
    return Integer.toUnsignedLong(stream);
  }

  /** What follows the header; the length of other frames than data means something else. */
  int payloadBytes() {
    return type == DATA ? length : 0;
  }

  /** The length field as the unsigned number that it is. */
  long unsignedLength() {
    return Integer.toUnsignedLong(length);
  }

  static ByteBuf header(ByteBufAllocator buffers, int type, int flags, int stream, int length) {
    return buffers
        .buffer(HEADER_BYTES)
        .writeByte(0)
        .writeByte(type)
        .writeShort(flags)
        .writeInt(stream)
        .writeInt(length);
  }

  /** A data frame around {@code payload}, which it owns. */
  static ByteBuf data(ByteBufAllocator buffers, int flags, int stream, ByteBuf payload) {
    int length = payload.readableBytes();
    ByteBuf header = header(buffers, DATA, flags, stream, length);
    return buffers.compositeBuffer(2).addComponents(true, header, payload);
  }
}
