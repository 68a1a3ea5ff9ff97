package org.skerry.board.claim;

import java.util.Optional;
import org.skerry.board.document.SignedDocument;
import org.skerry.board.document.WeightManifest;

/**
 * What a claim tells about the work. A lease is renewed by one of the two counters growing, not by
 * saying the same again:
 *
 * <table>
 *   <caption>What counts as progress</caption>
 *   <tr><th>unit<th>step<th>fetchedBytes
 *   <tr><td>expert, router<td>steps of the recipe<td>its shards, before the first step
 *   <tr><td>evaluate<td>manifests measured<td>held-out shards and weights, before the first one
 *   <tr><td>replica<td>rounds in which all it keeps was verified<td>blobs it keeps
 *   <tr><td>merge<td>manifests merged<td>the experts to merge
 * </table>
 *
 * @param device what is trained on, one line for people
 * @param samplesPerSecond measured; 0 before anything was
 * @param step how far the work has come
 * @param fetchedBytes what is here of the data that the work needs before its first step
 * @param newest the last weights that were published; a release hands them over
 */
public record Progress(
    String device,
    double samplesPerSecond,
    long step,
    long fetchedBytes,
    Optional<SignedDocument<WeightManifest>> newest) {

  /** Work of which nothing was published yet. */
  public Progress(String device, double samplesPerSecond, long step) {
    this(device, samplesPerSecond, step, 0, Optional.empty());
  }
}
