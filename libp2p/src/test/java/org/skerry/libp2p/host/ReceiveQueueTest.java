package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.skerry.libp2p.testing.LeakCheck;

@ExtendWith(LeakCheck.class)
class ReceiveQueueTest {
  private final UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(false, true);
  private final ReceiveQueue queue = new ReceiveQueue();

  @AfterEach
  void holdsNothingWhenCleared() {
    queue.clear();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.clear()).isZero();
    assertThat(buffers.metric().usedHeapMemory()).isZero();
  }

  private ByteBuf bytes(byte... bytes) {
    return buffers.heapBuffer(bytes.length).writeBytes(bytes);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void givesBytesBackInOrderHoweverTheyCameAndAreRead(long seed) {
    Random random = new Random(seed);
    byte[] all = new byte[200_000];
    random.nextBytes(all);
    ByteBuffer read = ByteBuffer.allocate(all.length);
    for (int at = 0; at < all.length; ) {
      int most = random.nextBoolean() ? 20 : 5000;
      int size = Math.min(all.length - at, 1 + random.nextInt(most));
      queue.add(buffers.heapBuffer(size).writeBytes(all, at, size), buffers);
      at += size;
      if (random.nextBoolean()) {
        ByteBuffer some =
            read.slice(read.position(), Math.min(read.remaining(), 1 + random.nextInt(6000)));
        int got = queue.read(some);
        assertThat(got).isEqualTo(some.position());
        read.position(read.position() + got);
      }
    }
    queue.read(read);
    assertThat(read.hasRemaining()).isFalse();
    assertThat(read.array()).isEqualTo(all);
  }

  @Test
  void gathersBytesThatComeOneByOne() {
    for (int i = 0; i < 100_000; i++) {
      queue.add(bytes((byte) i), buffers);
    }
    assertThat(buffers.metric().usedHeapMemory()).isLessThan(110_000);
    assertThat(queue.clear()).isEqualTo(100_000);
  }

  @Test
  void keepsALoneMessageWhereItIs() {
    queue.add(bytes((byte) 1, (byte) 2), buffers);
    assertThat(buffers.metric().usedHeapMemory()).isEqualTo(2);
  }
}
