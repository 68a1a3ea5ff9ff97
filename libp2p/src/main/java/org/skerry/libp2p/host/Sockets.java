package org.skerry.libp2p.host;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;

/** By what a host's sockets are driven. */
public enum Sockets {
  /** The JDK's, which are everywhere. */
  NIO,

  /** Linux, where Netty's native library runs. */
  EPOLL,

  /** Newer Linux, where the administrator lets programs have it. */
  IO_URING;

  /** Epoll where it runs, or else the JDK's. */
  public static Sockets best() {
    return EPOLL.isAvailable() ? EPOLL : NIO;
  }

  /** Whether hosts can have it here. */
  public boolean isAvailable() {
    return switch (this) {
      case NIO -> true;
      case EPOLL -> Epoll.isAvailable();
      case IO_URING -> IoUring.isAvailable();
    };
  }

  /** Whether options of Linux may be set. */
  boolean isNative() {
    return this != NIO;
  }

  IoHandlerFactory handlers() {
    return switch (this) {
      case NIO -> NioIoHandler.newFactory();
      case EPOLL -> EpollIoHandler.newFactory();
      case IO_URING -> IoUringIoHandler.newFactory();
    };
  }

  Class<? extends ServerSocketChannel> listening() {
    return switch (this) {
      case NIO -> NioServerSocketChannel.class;
      case EPOLL -> EpollServerSocketChannel.class;
      case IO_URING -> IoUringServerSocketChannel.class;
    };
  }

  Class<? extends SocketChannel> connected() {
    return switch (this) {
      case NIO -> NioSocketChannel.class;
      case EPOLL -> EpollSocketChannel.class;
      case IO_URING -> IoUringSocketChannel.class;
    };
  }

  Class<? extends DatagramChannel> datagrams() {
    return switch (this) {
      case NIO -> NioDatagramChannel.class;
      case EPOLL -> EpollDatagramChannel.class;
      case IO_URING -> IoUringDatagramChannel.class;
    };
  }

  DatagramChannel datagrams(SocketProtocolFamily family) {
    return switch (this) {
      case NIO -> new NioDatagramChannel(family);
      case EPOLL -> new EpollDatagramChannel(family);
      case IO_URING -> new IoUringDatagramChannel(family);
    };
  }
}
