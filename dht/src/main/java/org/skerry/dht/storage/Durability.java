package org.skerry.dht.storage;

/** What a write survives once the call has returned. */
public enum Durability {
  /** The death of this process: the write-ahead log is with the operating system. */
  PROCESS_CRASH,
  /** The death of the machine as well: the write-ahead log was synced to disk. */
  POWER_LOSS
}
