package org.skerry.transfer.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Finds the array behind a field of a parsed message; its read-only view would be copied. */
final class BytesInPlace extends ByteOutput {
  private ByteBuffer found = ByteBuffer.allocate(0);

  private BytesInPlace() {}

  /** The bytes of a field that aliases its message; nobody may write to them. */
  static ByteBuffer of(ByteString field) {
    BytesInPlace out = new BytesInPlace();
    try {
      UnsafeByteOperations.unsafeWriteTo(field, out);
    } catch (IOException e) {
      throw new UncheckedIOException("reading memory cannot fail", e);
    }
    return out.found;
  }

  @Override
  public void writeLazy(byte[] array, int offset, int length) {
    found = ByteBuffer.wrap(array, offset, length).slice();
  }

  @Override
  public void write(byte[] array, int offset, int length) {
    writeLazy(array, offset, length);
  }

  @Override
  public void writeLazy(ByteBuffer bytes) {
    found = bytes;
  }

  @Override
  public void write(ByteBuffer bytes) {
    found = bytes;
  }

  @Override
  public void write(byte value) {
    throw new UnsupportedOperationException("a field is written at once");
  }
}
