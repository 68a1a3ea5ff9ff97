package org.skerry.libp2p.autonat;

/** Whether others can dial an address, or this host at any. */
public enum Reachability {
  UNKNOWN,
  REACHABLE,
  UNREACHABLE
}
