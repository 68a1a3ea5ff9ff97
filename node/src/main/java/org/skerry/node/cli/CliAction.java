package org.skerry.node.cli;

import java.util.concurrent.Callable;

/** A command that either succeeds or throws. */
interface CliAction extends Callable<Integer> {
  void act() throws Exception;

  @Override
  default Integer call() throws Exception {
    act();
    return 0;
  }
}
