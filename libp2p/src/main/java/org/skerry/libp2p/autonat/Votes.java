package org.skerry.libp2p.autonat;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What servers said of one address: the newest word of each of the last few. That it was reached is
 * proven, or else weighs nothing until three have said so; proven, it weighs as much as that it was
 * not. Who asks servers of one place only learns one place's view.
 */
final class Votes {
  private static final int KEPT = 5;
  private static final int ENOUGH = 3;

  /** A server's word. */
  enum Word {
    PROVEN,
    CLAIMED,
    FAILED
  }

  /** By the server's IP address, the newest last. */
  private final Map<String, Word> words = new LinkedHashMap<>();

  /**
   * Adds a vote; where it speaks against a settled belief, and is more than a claim, all others
   * have to speak anew.
   */
  void addAnew(String server, Word word) {
    Reachability believed = outcome(KEPT);
    if ((believed == Reachability.REACHABLE && word == Word.FAILED)
        || (believed == Reachability.UNREACHABLE && word == Word.PROVEN)) {
      words.clear();
    }
    words.remove(server);
    words.put(server, word);
    if (words.size() > KEPT) {
      words.remove(words.keySet().iterator().next());
    }
  }

  boolean isEmpty() {
    return words.isEmpty();
  }

  boolean has(String server) {
    return words.containsKey(server);
  }

  private int count(Word word) {
    return Collections.frequency(words.values(), word);
  }

  /**
   * @param servers how many could be asked: where there are few, fewer failures are enough
   */
  Reachability outcome(int servers) {
    int no = count(Word.FAILED);
    int claims = count(Word.CLAIMED);
    int yes = count(Word.PROVEN) + (claims >= ENOUGH ? claims : 0);
    if (yes > 0 && yes >= no) {
      return Reachability.REACHABLE;
    }
    return no > claims && no >= Math.min(ENOUGH, servers)
        ? Reachability.UNREACHABLE
        : Reachability.UNKNOWN;
  }
}
