package org.skerry.node.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A command that only has subcommands: alone it prints its help. */
@Command
abstract class Group implements CliAction {
  private final Session session;

  @Spec CommandSpec spec = CommandSpec.create();

  Group(Session session) {
    this.session = session;
  }

  @Override
  public final void act() {
    spec.commandLine().usage(session.terminal().out());
  }
}
