package org.skerry.node.generate;

/**
 * A finished picture.
 *
 * @param png the whole file, with what was asked for inside
 * @param index within the seed
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
public record Picture(byte[] png, int index, long seed) {}
