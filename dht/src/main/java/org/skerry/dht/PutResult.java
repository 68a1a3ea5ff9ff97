package org.skerry.dht;

import java.util.Optional;
import org.skerry.dht.record.Rejection;

/**
 * What became of a put.
 *
 * @param stored how many of the key's holders stored it, this node included where it is one
 * @param asked how many holders were asked to
 * @param refusal why this node itself refused the value, in which case nobody was asked
 */
public record PutResult(int stored, int asked, Optional<Rejection> refusal) {}
