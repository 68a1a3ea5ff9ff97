package org.skerry.node.control;

/**
 * A peer this node is connected to.
 *
 * @param receivedBytes from it since the start, over all of its connections
 * @param sentBytes likewise
 */
public record PeerStatus(
    String peer,
    String address,
    boolean dialled,
    long receivedBytes,
    long sentBytes,
    long refused) {}
