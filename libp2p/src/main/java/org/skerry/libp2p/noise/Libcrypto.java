package org.skerry.libp2p.noise;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * OpenSSL's ChaCha20-Poly1305 (the EVP interface of 1.1 and 3), where this machine has it: several
 * times as fast as the JDK's. It is used only after it gave what the JDK gives; {@code
 * -Dlibp2p.libcrypto=off} does without. Thread-safe.
 */
final class Libcrypto {
  private static final Logger log = LoggerFactory.getLogger(Libcrypto.class);
  private static final String SWITCH = "libp2p.libcrypto";
  private static final List<String> NAMES =
      List.of("libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib", "libcrypto-3-x64.dll");

  private static final int GET_TAG = 0x10;
  private static final int SET_TAG = 0x11;
  private static final Cleaner CLEANER = Cleaner.create();

  private final MethodHandle newContext;
  private final MethodHandle freeContext;
  private final MethodHandle init;
  private final MethodHandle update;
  private final MethodHandle finish;
  private final MethodHandle control;
  private final MemorySegment cipher;

  private Libcrypto(SymbolLookup library) throws Throwable {
    Linker linker = Linker.nativeLinker();
    newContext = handle(linker, library, "EVP_CIPHER_CTX_new", FunctionDescriptor.of(ADDRESS));
    freeContext =
        handle(linker, library, "EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(ADDRESS));
    init =
        critical(
            linker,
            library,
            "EVP_CipherInit_ex",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    update =
        critical(
            linker,
            library,
            "EVP_CipherUpdate",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT));
    finish =
        critical(
            linker,
            library,
            "EVP_CipherFinal_ex",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
    control =
        critical(
            linker,
            library,
            "EVP_CIPHER_CTX_ctrl",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
    cipher =
        (MemorySegment)
            handle(linker, library, "EVP_chacha20_poly1305", FunctionDescriptor.of(ADDRESS))
                .invokeExact();
    if (cipher.address() == 0) {
      throw new IllegalStateException("it was built without ChaCha20-Poly1305");
    }
  }

  /** The library, where it is to be had and works. */
  static Optional<Libcrypto> usable() {
    return Found.LIBRARY;
  }

  /** Looked for once, when the first connection is made. */
  private static final class Found {
    static final Optional<Libcrypto> LIBRARY = find();

    private static Optional<Libcrypto> find() {
      if (System.getProperty(SWITCH, "").equals("off")) {
        return Optional.empty();
      }
      for (String name : NAMES) {
        try {
          Libcrypto library = new Libcrypto(SymbolLookup.libraryLookup(name, Arena.global()));
          if (library.isRight()) {
            log.debug("connections are sealed by {}", name);
            return Optional.of(library);
          }
          log.warn("{} seals otherwise than the JDK, and is not used", name);
        } catch (Throwable e) { // Whatever is wrong with it, the JDK's own is there.
          log.debug("{} is not used: {}", name, e.toString());
        }
      }
      return Optional.empty();
    }
  }

  private static MethodHandle handle(
      Linker linker, SymbolLookup library, String name, FunctionDescriptor type) {
    return linker.downcallHandle(library.findOrThrow(name), type);
  }

  /** For calls of some microseconds at most: arrays are passed where they are. */
  private static MethodHandle critical(
      Linker linker, SymbolLookup library, String name, FunctionDescriptor type) {
    return linker.downcallHandle(library.findOrThrow(name), type, Linker.Option.critical(true));
  }

  Aead aead(byte[] key) {
    return new NativeAead(this, key);
  }

  /** Whether it does what the JDK does, on all lengths around its block sizes. */
  private boolean isRight() {
    Random random = new Random(1);
    byte[] key = new byte[32];
    byte[] nonce = new byte[Aead.NONCE_BYTES];
    random.nextBytes(key);
    Aead own = aead(key);
    Aead other = new JdkAead(key);
    for (int length : new int[] {0, 1, 15, 16, 17, 63, 64, 65, 255, 1000, 4096, 65_519}) {
      byte[] ad = new byte[length % 3 == 0 ? 0 : 32];
      byte[] plain = new byte[length];
      random.nextBytes(nonce);
      random.nextBytes(ad);
      random.nextBytes(plain);
      ByteBuffer[] parts = {
        ByteBuffer.wrap(plain, 0, length / 3),
        ByteBuffer.wrap(plain, length / 3, length - length / 3)
      };
      byte[] sealed = new byte[length + Aead.TAG_BYTES];
      byte[] expected = new byte[length + Aead.TAG_BYTES];
      other.seal(nonce, ad, new ByteBuffer[] {ByteBuffer.wrap(plain)}, ByteBuffer.wrap(expected));
      own.seal(nonce, ad, parts, ByteBuffer.wrap(sealed));
      ByteBuffer outside = ByteBuffer.allocateDirect(sealed.length).put(sealed).flip();
      byte[] opened = new byte[length];
      if (!Arrays.equals(sealed, expected)
          || !own.open(nonce, ad, outside, ByteBuffer.wrap(opened))
          || !Arrays.equals(opened, plain)) {
        return false;
      }
      sealed[random.nextInt(sealed.length)] ^= 1;
      if (own.open(nonce, ad, ByteBuffer.wrap(sealed), ByteBuffer.wrap(opened))) {
        return false;
      }
    }
    return true;
  }

  /** One key in a context of the library, which is freed with this. */
  private static final class NativeAead implements Aead {
    private final Libcrypto library;
    private final MemorySegment context;
    private final byte[] written = new byte[Integer.BYTES];
    private final byte[] tag = new byte[TAG_BYTES];

    NativeAead(Libcrypto library, byte[] key) {
      this.library = library;
      try {
        context = (MemorySegment) library.newContext.invokeExact();
        if (context.address() == 0) {
          throw new OutOfMemoryError("libcrypto has no memory for a cipher");
        }
        MethodHandle free = library.freeContext;
        MemorySegment freed = context;
        CLEANER.register(this, () -> free(free, freed));
        require(
            (int)
                library.init.invokeExact(
                    context,
                    library.cipher,
                    MemorySegment.NULL,
                    MemorySegment.ofArray(key),
                    MemorySegment.NULL,
                    1));
      } catch (Throwable e) {
        throw failed(e);
      }
    }

    private static void free(MethodHandle free, MemorySegment context) {
      try {
        free.invokeExact(context);
      } catch (Throwable e) {
        throw failed(e);
      }
    }

    @Override
    public void seal(byte[] nonce, byte[] ad, ByteBuffer[] in, ByteBuffer out) {
      try {
        start(nonce, ad, 1);
        for (ByteBuffer part : in) {
          pass(part, out);
        }
        require(end());
        require(
            (int)
                library.control.invokeExact(
                    context, GET_TAG, TAG_BYTES, MemorySegment.ofArray(tag)));
        out.put(tag);
      } catch (Throwable e) {
        throw failed(e);
      } finally {
        Reference.reachabilityFence(this); // Or the context might be freed before its last use.
      }
    }

    @Override
    public boolean open(byte[] nonce, byte[] ad, ByteBuffer in, ByteBuffer out) {
      int size = in.remaining() - TAG_BYTES;
      try {
        start(nonce, ad, 0);
        in.get(in.position() + size, tag);
        require(
            (int)
                library.control.invokeExact(
                    context, SET_TAG, TAG_BYTES, MemorySegment.ofArray(tag)));
        pass(in.slice(in.position(), size), out);
        return end() == 1;
      } catch (Throwable e) {
        throw failed(e);
      } finally {
        Reference.reachabilityFence(this);
      }
    }

    private void start(byte[] nonce, byte[] ad, int encrypt) throws Throwable {
      require(
          (int)
              library.init.invokeExact(
                  context,
                  MemorySegment.NULL,
                  MemorySegment.NULL,
                  MemorySegment.NULL,
                  MemorySegment.ofArray(nonce),
                  encrypt));
      if (ad.length > 0) {
        require(
            (int)
                library.update.invokeExact(
                    context,
                    MemorySegment.NULL,
                    MemorySegment.ofArray(written),
                    MemorySegment.ofArray(ad),
                    ad.length));
      }
    }

    private void pass(ByteBuffer in, ByteBuffer out) throws Throwable {
      int size = in.remaining();
      if (size > out.remaining()) {
        throw new BufferOverflowException(); // The library would not notice.
      }
      if (size > 0) {
        require(
            (int)
                library.update.invokeExact(
                    context,
                    MemorySegment.ofBuffer(out),
                    MemorySegment.ofArray(written),
                    MemorySegment.ofBuffer(in),
                    size));
        out.position(out.position() + size);
      }
    }

    /** 1 when all is well; 0 when what was opened does not authenticate. */
    private int end() throws Throwable {
      return (int)
          library.finish.invokeExact(
              context, MemorySegment.ofArray(tag), MemorySegment.ofArray(written));
    }

    private static void require(int result) {
      if (result != 1) {
        throw new IllegalStateException("libcrypto does not seal");
      }
    }

    private static RuntimeException failed(Throwable e) {
      if (e instanceof Error error) {
        throw error;
      }
      return e instanceof RuntimeException known ? known : new IllegalStateException(e);
    }
  }
}
