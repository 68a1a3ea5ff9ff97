package org.skerry.libp2p.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LeakCheckTest {
  private final Logger log = (Logger) LoggerFactory.getLogger(ResourceLeakDetector.class);
  private final LeakCheck check = new LeakCheck();

  @BeforeEach
  void keepTheLeaksOnPurposeOutOfTheLog() {
    log.setAdditive(false);
  }

  @AfterEach
  void logAgain() {
    log.setAdditive(true);
  }

  @Test
  void findsABufferThatNobodyReleased() {
    check.start();
    ByteBufAllocator.DEFAULT.heapBuffer(10).writeByte(1);
    assertThat(check.stop()).singleElement().asString().contains("LeakCheckTest");
  }

  @Test
  void findsALostSlice() {
    check.start();
    loseASlice();
    assertThat(check.stop()).singleElement().asString().contains("loseASlice");
  }

  /** Apart, because an interpreted frame keeps its variables alive. */
  private static void loseASlice() {
    ByteBuf whole = ByteBufAllocator.DEFAULT.heapBuffer(10).writeZero(10);
    whole.readRetainedSlice(5);
    whole.release();
  }

  @Test
  void isContentWithWhatWasReleased() {
    check.start();
    ByteBufAllocator.DEFAULT.heapBuffer(10).release();
    ByteBufAllocator.DEFAULT.directBuffer(10).release();
    assertThat(check.stop()).isEmpty();
  }
}
