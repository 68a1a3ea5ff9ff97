package org.skerry.node.control;

/** A peer this node is connected to. */
public record PeerStatus(
    String peer, String address, boolean dialled, long receivedBytes, long refused) {}
