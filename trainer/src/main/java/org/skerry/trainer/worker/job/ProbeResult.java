package org.skerry.trainer.worker.job;

/**
 * What a worker found.
 *
 * @param version of libtorch
 * @param folder that its libraries were loaded from
 * @param gpus that it can use
 */
public record ProbeResult(String version, String folder, int gpus) {}
