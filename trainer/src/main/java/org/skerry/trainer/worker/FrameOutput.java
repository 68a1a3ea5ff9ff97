package org.skerry.trainer.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The process's real standard output, taken away from everybody else. libtorch prints to file
 * descriptor 1 behind Java's back; so the pipe moves to another descriptor and 1 becomes a copy of
 * standard error. Linux and macOS.
 */
final class FrameOutput extends OutputStream {
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private final int descriptor;
  private final MethodHandle write;

  private FrameOutput(int descriptor, MethodHandle write) {
    this.descriptor = descriptor;
    this.write = write;
  }

  /** Takes standard output; from now on what is printed goes to standard error. */
  @SuppressWarnings("restricted") // Java has no call for duplicating a descriptor
  static FrameOutput take() throws IOException {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor intFromInt =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    FunctionDescriptor intFromTwo =
        FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    FunctionDescriptor sizeFromBuffer =
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT,
            ValueLayout.ADDRESS,
            ValueLayout.JAVA_LONG);
    MethodHandle dup = handle(linker, "dup", intFromInt);
    MethodHandle dup2 = handle(linker, "dup2", intFromTwo);
    MethodHandle write = handle(linker, "write", sizeFromBuffer);
    try {
      System.out.flush();
      int copy = (int) dup.invokeExact(STDOUT);
      if (copy < 0 || (int) dup2.invokeExact(STDERR, STDOUT) < 0) {
        throw new IOException("standard output cannot be taken over");
      }
      System.setOut(System.err);
      return new FrameOutput(copy, write);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("standard output cannot be taken over", e);
    }
  }

  @SuppressWarnings("restricted") // see take()
  private static MethodHandle handle(Linker linker, String name, FunctionDescriptor descriptor) {
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(Math.max(1, length));
      MemorySegment.copy(bytes, offset, buffer, ValueLayout.JAVA_BYTE, 0, length);
      long done = 0;
      while (done < length) {
        long written =
            (long) write.invokeExact(descriptor, buffer.asSlice(done), (long) length - done);
        if (written < 0) {
          throw new IOException("the parent's pipe is closed");
        }
        done += written;
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("the parent's pipe cannot be written", e);
    }
  }
}
