package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.task.TaskFolder;
import org.skerry.node.task.WebFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "web-folder",
    mixinStandardHelpOptions = true,
    description = {
      "Write a task's shards into a folder to upload to a bucket or web server, whose address",
      "`skerry task create --web-seed` put into the task: then volunteers can fetch them there",
      "too, and check every chunk as if it came from a peer."
    },
    footer = {
      "",
      "Example:",
      "  skerry task create --images ~/photos --web-seed https://bucket.example/photos/ \\",
      "    --out photos.task",
      "  skerry task web-folder photos.task",
      "  aws s3 cp --recursive photos.task.web s3://bucket/photos/"
    })
final class TaskWebFolderCommand implements CliAction {
  private final Session session;

  @Parameters(paramLabel = "DIR", description = "a folder that `skerry task create` wrote")
  Path folder = Path.of(".");

  @Option(names = "--out", paramLabel = "DIR", description = "where to (default: DIR.web)")
  @Nullable Path out;

  TaskWebFolderCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws NodeException {
    Path absolute = folder.toAbsolutePath().normalize();
    Path target = out == null ? absolute.resolveSibling(absolute.getFileName() + ".web") : out;
    try {
      int blobs = WebFolder.write(new TaskFolder(folder), target).size();
      session.terminal().print(target.toString());
      session
          .terminal()
          .say(blobs + " blobs and their leaves; upload what is in it to each of the web seeds.");
    } catch (IOException | IllegalArgumentException e) {
      throw new NodeException(
          Reason.USAGE,
          "the shards of "
              + folder
              + " cannot be written to "
              + target
              + " ("
              + e.getMessage()
              + ")",
          "name a folder that `skerry task create` wrote, and with --out one that can be written",
          e);
    }
  }
}
