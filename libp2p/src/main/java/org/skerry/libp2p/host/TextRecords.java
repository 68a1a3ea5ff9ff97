package org.skerry.libp2p.host;

import java.util.List;
import org.skerry.libp2p.Libp2pException;

/** Finds the texts that the domain name system has under a name; blocks. */
interface TextRecords {
  /**
   * @throws Libp2pException UNREACHABLE when the name does not exist, or nobody answers
   */
  List<String> lookUp(String name) throws Libp2pException;
}
