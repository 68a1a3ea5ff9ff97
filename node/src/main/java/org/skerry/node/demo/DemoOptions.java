package org.skerry.node.demo;

import java.nio.file.Path;

/**
 * What the user wants to see.
 *
 * @param images a folder, a WebDataset tar, or {@code builtin}
 * @param name of the task
 * @param minutes for everything, from the first process to the report
 * @param width of the experts' first level, a multiple of eight
 * @param kill whether one volunteer is killed
 * @param liar whether one peer lies
 */
public record DemoOptions(
    String images,
    String name,
    double minutes,
    int experts,
    int volunteers,
    int imageSize,
    int width,
    Path out,
    boolean kill,
    boolean liar) {}
