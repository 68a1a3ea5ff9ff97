package org.skerry.libp2p.noise;

import java.util.Optional;
import org.skerry.libp2p.PeerId;

/** What a finished handshake leaves: who is there, which muxer was agreed on early, the ciphers. */
public final class SecureChannel {
  private final PeerId remotePeer;
  private final Optional<String> muxer;
  private final CipherState sending;
  private final CipherState receiving;

  SecureChannel(
      PeerId remotePeer, Optional<String> muxer, CipherState sending, CipherState receiving) {
    this.remotePeer = remotePeer;
    this.muxer = muxer;
    this.sending = sending;
    this.receiving = receiving;
  }

  /** The peer that proved its identity. */
  public PeerId remotePeer() {
    return remotePeer;
  }

  /** The first muxer of the initiator's list that both sides have; empty: negotiate one. */
  public Optional<String> muxer() {
    return muxer;
  }

  CipherState sending() {
    return sending;
  }

  CipherState receiving() {
    return receiving;
  }
}
