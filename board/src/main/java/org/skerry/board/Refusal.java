package org.skerry.board;

import java.util.Locale;

/** Why bytes, a document, a board or a weight manifest were refused. Metrics count by name. */
public enum Refusal {
  // bytes
  /** More bytes, entries or characters than the limit. */
  TOO_LARGE,
  /** Values nested deeper than the limit. */
  TOO_DEEP,
  /** Not the format at all: truncated, or a type it does not have. */
  MALFORMED,
  /** A second spelling of a value that has one canonical spelling. */
  NOT_CANONICAL,

  // documents
  /** The schema version is newer (or older) than this software reads. */
  UNKNOWN_SCHEMA_VERSION,
  /** A field the schema does not have. */
  UNKNOWN_FIELD,
  /** A field the schema needs is absent. */
  MISSING_FIELD,
  /** A field holds another type than the schema says. */
  WRONG_TYPE,
  /** A value outside its bounds, or one that does not fit its neighbours. */
  OUT_OF_BOUNDS,
  /** A document of another kind than the place it was found in. */
  WRONG_KIND,
  /** The envelope's key is not the signer that the payload names. */
  SIGNER_MISMATCH,
  /** The signature does not hold for this kind of document. */
  BAD_SIGNATURE,

  // records and boards
  /** The record's key is not one of the namespace. */
  KEY_MALFORMED,
  /** The content is not the one whose id was asked for. */
  ID_MISMATCH,
  /** The document speaks of another task. */
  WRONG_TASK,
  /** The document speaks of another unit, or of one the task does not have. */
  WRONG_UNIT,
  /** A claim's lease is longer than the task allows. */
  LEASE_TOO_LONG,
  /** What a claim carries is no acceptance of its own author's weights on its unit. */
  NO_STANDING,
  /** Only the task's publisher may say this. */
  NOT_THE_PUBLISHER,
  /** A task names a parent that it does not extend. */
  NOT_AN_EXTENSION,
  /** More documents of a kind than a board holds. */
  OVER_QUOTA,
  /** A peer asked for more signature checks than its budget. */
  BUDGET_EXHAUSTED,
  /** The peers of one origin together asked for more signature checks than their budget. */
  ORIGIN_BUDGET_EXHAUSTED,
  /** An older version than one that was seen before. */
  ROLLED_BACK,
  /** Two contents under the same sequence. */
  EQUIVOCATION,

  // acceptance
  /** The attestation's signer is not an evaluator that the task names. */
  NOT_AN_EVALUATOR,
  /** The attestation's verdict does not follow from its own numbers. */
  CONTRADICTORY,
  /** A measured loss is not a finite number. */
  NOT_FINITE,
  /** Not better than the analytic Gaussian denoiser by the task's margin. */
  WORSE_THAN_GAUSSIAN,
  /** Not better than the initial weights by the task's margin. */
  WORSE_THAN_INITIAL,
  /** Not within the task's epsilon of the best accepted weights. */
  WORSE_THAN_BEST,
  /** Weights that somebody else published first. */
  COPY,
  /** Its author, or the task's publisher, took it back. */
  WITHDRAWN,

  // trust and network
  /** Its owner, or its recovery key, says that the key is no longer to be believed. */
  KEY_REVOKED,
  /** Those who may speak for the key contradict themselves: nobody knows whom to follow. */
  KEY_DISPUTED,
  /** The publisher is not on this node's allow-list. */
  PUBLISHER_NOT_ALLOWED,
  /** Nobody reachable holds it. */
  NOT_FOUND,
  /** The network failed while reading or writing. */
  NETWORK_FAILED;

  /** The name metrics use: lower case with underscores. */
  public String metricName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
