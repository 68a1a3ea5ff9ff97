package org.skerry.node.cli;

import java.io.IOException;
import java.util.List;
import org.skerry.board.BoardException;
import org.skerry.dht.storage.StorageException;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.DiskTrouble;
import org.skerry.trainer.TrainerException;
import org.skerry.transfer.TransferException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

/** Every failure is one line on the terminal; the stack trace goes to the log file. */
record Failures(Terminal terminal) {
  int usage(CommandLine.ParameterException failure, String[] arguments) {
    String path = failure.getCommandLine().getCommandSpec().qualifiedName();
    if (failure instanceof CommandLine.UnmatchedArgumentException unmatched) {
      List<String> similar = unmatched.getSuggestions();
      terminal.error(
          "`"
              + path
              + "` knows no '"
              + unmatched.getUnmatched().getFirst()
              + "'; "
              + (similar.isEmpty()
                  ? "run `" + path + " --help`"
                  : "did you mean '" + similar.getFirst() + "'?"));
    } else {
      String said = String.valueOf(failure.getMessage()).replaceFirst("^Error: ", "");
      terminal.error(said + "; run `" + path + " --help`");
    }
    return Reason.USAGE.exitCode();
  }

  int execution(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
    LoggerFactory.getLogger(Failures.class)
        .error("`{}` failed", String.join(" ", parsed.originalArgs()), failure);
    switch (failure) {
      case NodeException known -> {
        terminal.error(known.line());
        return known.reason().exitCode();
      }
      case IOException io when DiskTrouble.isFull(io) -> {
        terminal.error(
            "the disk is full ("
                + DiskTrouble.describe(io)
                + "); free some space and run the"
                + " command again");
        return Reason.DISK.exitCode();
      }
      // These modules' messages say themselves what to do.
      case BoardException known -> {
        terminal.error(String.valueOf(known.getMessage()));
        return Reason.FAILED.exitCode();
      }
      case TransferException known -> {
        terminal.error(String.valueOf(known.getMessage()));
        return Reason.FAILED.exitCode();
      }
      case StorageException known -> {
        terminal.error(String.valueOf(known.getMessage()));
        return Reason.DISK.exitCode();
      }
      case TrainerException known -> {
        terminal.error(String.valueOf(known.getMessage()));
        return Reason.FAILED.exitCode();
      }
      default -> {
        terminal.error(
            "unexpected "
                + failure.getClass().getSimpleName()
                + " ("
                + failure.getMessage()
                + "); the log file has the details, please report them");
        return Reason.FAILED.exitCode();
      }
    }
  }
}
