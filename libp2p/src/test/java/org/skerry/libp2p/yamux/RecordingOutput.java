package org.skerry.libp2p.yamux;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes every frame down as hex and every event as a word, and releases all buffers. */
class RecordingOutput implements YamuxOutput {
  final List<String> frames = new ArrayList<>();
  final List<String> events = new ArrayList<>();

  /** What came since the last call, in order. */
  List<String> takeFrames() {
    List<String> taken = List.copyOf(frames);
    frames.clear();
    return taken;
  }

  List<String> takeEvents() {
    List<String> taken = List.copyOf(events);
    events.clear();
    return taken;
  }

  @Override
  public void frame(ByteBuf frame) {
    frames.add(HexFormat.of().formatHex(ByteBufUtil.getBytes(frame)));
    frame.release();
  }

  @Override
  public void opened(int stream) {
    events.add("opened " + stream);
  }

  @Override
  public void data(int stream, ByteBuf bytes) {
    int size = bytes.readableBytes();
    events.add("data " + stream + " " + (size > 16 ? size + " bytes" : ByteBufUtil.hexDump(bytes)));
    bytes.release();
  }

  @Override
  public void writable(int stream) {
    events.add("writable " + stream);
  }

  @Override
  public void remoteClosed(int stream) {
    events.add("remoteClosed " + stream);
  }

  @Override
  public void reset(int stream) {
    events.add("reset " + stream);
  }

  @Override
  public void openable() {
    events.add("openable");
  }

  @Override
  public void remoteGoingAway() {
    events.add("remoteGoingAway");
  }

  @Override
  public void failed(YamuxFailure failure) {
    events.add("failed " + failure.reason() + " " + failure.code());
  }
}
