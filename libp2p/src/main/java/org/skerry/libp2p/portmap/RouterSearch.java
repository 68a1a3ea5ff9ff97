package org.skerry.libp2p.portmap;

import java.util.List;

/** A way to find routers; blocks for some seconds at most. */
interface RouterSearch {
  /** Those that answered, or may answer; the likeliest first. Whoever asks closes them. */
  List<Router> find();
}
