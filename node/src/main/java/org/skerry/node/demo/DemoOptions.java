package org.skerry.node.demo;

import java.nio.file.Path;

/**
 * What the user wants to see.
 *
 * @param images a folder, a WebDataset tar, or {@code builtin}
 * @param minutes for everything, from the first process to the report
 * @param kill whether one volunteer is killed
 * @param liar whether one peer lies
 */
public record DemoOptions(
    String images,
    double minutes,
    int experts,
    int volunteers,
    int imageSize,
    Path out,
    boolean kill,
    boolean liar) {}
