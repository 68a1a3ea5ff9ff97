package org.skerry.board.claim;

/**
 * What a claim tells about the work.
 *
 * @param device what is trained on, one line for people
 * @param samplesPerSecond measured; 0 before anything was
 * @param step how far the training has come
 */
public record Progress(String device, double samplesPerSecond, long step) {}
