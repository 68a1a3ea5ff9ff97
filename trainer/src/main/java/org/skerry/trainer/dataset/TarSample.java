package org.skerry.trainer.dataset;

import org.jspecify.annotations.Nullable;

/**
 * One sample of a WebDataset tar.
 *
 * @param key name of its files before the first dot
 * @param name of the entry that holds its values
 * @param offset of the values' file in the tar
 * @param length of the values' file in bytes
 * @param content of the values' file; null when only its place was asked for
 * @param caption what it shows, when it says so
 * @param classId class index, when it says so
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, not kept
record TarSample(
    String key,
    String name,
    long offset,
    int length,
    byte @Nullable [] content,
    @Nullable String caption,
    @Nullable Integer classId) {}
