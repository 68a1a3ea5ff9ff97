package org.skerry.libp2p.portmap;

/** A port of this machine. */
record Port(Kind kind, int number) {
  /** Whose ports are meant; QUIC's are those of UDP. */
  enum Kind {
    TCP,
    UDP
  }

  Port {
    if (number < 1 || number > 65535) {
      throw new IllegalArgumentException("port " + number + " not in 1..65535");
    }
  }

  @Override
  public String toString() {
    return number + "/" + kind;
  }
}
