package org.skerry.node.ensemble;

import org.skerry.libp2p.PeerId;
import org.skerry.libp2p.multiformats.Cid;
import org.skerry.libp2p.multiformats.MultiformatException;
import org.skerry.node.NodeException;

/** How people name a task. */
public sealed interface TaskName {
  /** {@code bafy…}: exactly this task. */
  record ById(Cid id) implements TaskName {}

  /** {@code PUBLISHER/NAME}: what the publisher's catalog now says. */
  record InCatalog(PeerId publisher, String name) implements TaskName {}

  /** {@code NAME}: what the catalog of an allowed publisher says. */
  record Bare(String name) implements TaskName {}

  /** Tells the three forms apart. */
  static TaskName parse(String text) throws NodeException {
    int slash = text.indexOf('/');
    try {
      if (slash >= 0) {
        return new InCatalog(PeerId.parse(text.substring(0, slash)), text.substring(slash + 1));
      }
    } catch (IllegalArgumentException e) {
      throw new NodeException(
          NodeException.Reason.USAGE,
          "'" + text.substring(0, slash) + "' is not a publisher's peer id",
          "write PUBLISHER/NAME, NAME, or a task id",
          e);
    }
    try {
      Cid cid = Cid.parse(text);
      return new ById(cid);
    } catch (MultiformatException e) {
      return new Bare(text);
    }
  }
}
