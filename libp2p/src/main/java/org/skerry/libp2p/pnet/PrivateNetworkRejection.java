package org.skerry.libp2p.pnet;

/** Why a connection is not one of a private network. */
public enum PrivateNetworkRejection {
  /** The other side speaks in the clear: it is in no private network. */
  NO_KEY,
  /** What it says makes no sense under this network's key. */
  OTHER_KEY,
  /** It closed the connection before it had said anything under the key: it may have none. */
  UNPROVEN
}
