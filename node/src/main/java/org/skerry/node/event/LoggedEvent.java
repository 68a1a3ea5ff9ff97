package org.skerry.node.event;

/**
 * One line of an event log.
 *
 * @param atMs wall clock, milliseconds since 1970
 * @param node the node's name, as its owner calls it
 * @param peer its peer id
 */
public record LoggedEvent(long atMs, String node, String peer, Event event) {}
