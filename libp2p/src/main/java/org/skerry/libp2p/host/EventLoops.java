package org.skerry.libp2p.host;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a host's sockets.
 *
 * @param epoll whether the platform has it; NIO elsewhere
 */
record EventLoops(EventLoopGroup group, boolean epoll) {
  static EventLoops start() {
    boolean epoll = Epoll.isAvailable();
    return new EventLoops(
        new MultiThreadIoEventLoopGroup(
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            new DefaultThreadFactory("libp2p-io", true),
            epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory()),
        epoll);
  }

  void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
