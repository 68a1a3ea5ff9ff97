package org.skerry.trainer.worker;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.skerry.trainer.TrainerException;
import org.skerry.trainer.TrainerException.Reason;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages over a pipe: four bytes of length, big-endian, and that many bytes of JSON, at most 1
 * MiB. One reader; writers are serialised by whoever owns the stream.
 */
final class Frames {
  static final int MAX_SIZE_BYTES = 1 << 20;

  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Frames() {}

  static void write(OutputStream out, WorkerMessage message) throws IOException {
    byte[] json = JSON.writerFor(WorkerMessage.class).writeValueAsBytes(message);
    if (json.length > MAX_SIZE_BYTES) {
      throw new TrainerException(
          Reason.PROTOCOL_VIOLATION,
          "a message of %d bytes is over %d".formatted(json.length, MAX_SIZE_BYTES));
    }
    // One write a frame: nothing else can come between length and text.
    byte[] frame = ByteBuffer.allocate(4 + json.length).putInt(json.length).put(json).array();
    out.write(frame);
    out.flush();
  }

  /** The next message, or empty when the pipe was closed between two. */
  static Optional<WorkerMessage> read(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return Optional.empty();
    }
    DataInputStream data = new DataInputStream(in);
    int length = first << 24 | data.readUnsignedByte() << 16 | data.readUnsignedShort();
    if (length < 2 || length > MAX_SIZE_BYTES) {
      throw new TrainerException(
          Reason.PROTOCOL_VIOLATION,
          "a frame of %d bytes is not in 2..%d".formatted(length, MAX_SIZE_BYTES));
    }
    byte[] json = new byte[length];
    try {
      data.readFully(json);
      return Optional.of(JSON.readValue(json, WorkerMessage.class));
    } catch (EOFException e) {
      throw new TrainerException(
          Reason.PROTOCOL_VIOLATION, "the pipe ended inside a frame of " + length + " bytes", e);
    } catch (JacksonException e) {
      throw new TrainerException(
          Reason.PROTOCOL_VIOLATION, "a frame holds no message: " + e.getOriginalMessage(), e);
    }
  }
}
