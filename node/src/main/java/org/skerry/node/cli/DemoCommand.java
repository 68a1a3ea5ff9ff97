package org.skerry.node.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.demo.Demo;
import org.skerry.node.demo.DemoOptions;
import org.skerry.node.demo.OutFolder;
import org.skerry.node.demo.Stage;
import org.skerry.node.log.Logging;
import org.skerry.node.task.TaskMaker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Run the whole story on this machine: a researcher publishes a task, volunteers train its"
          + " experts, a consumer pulls and samples them; separate processes over real sockets."
    },
    footer = {
      "",
      "Examples:",
      "  skerry demo",
      "  skerry demo --images ~/emoji.tar --minutes 8",
      "  skerry demo --kill --liar     one volunteer is killed, one peer lies"
    })
final class DemoCommand implements CliAction {
  private final Session session;

  @Option(
      names = "--images",
      paramLabel = "PATH",
      description = "a folder of images or a WebDataset tar (default: built-in pictures)")
  String images = TaskMaker.BUILT_IN;

  @Option(names = "--minutes", paramLabel = "N", description = "for everything (default: 4.5)")
  double minutes = 4.5;

  @Option(names = "--experts", paramLabel = "K", description = "partitions (default: 4)")
  int experts = 4;

  @Option(
      names = "--volunteers",
      paramLabel = "V",
      description = "volunteer processes (default: experts + 1)")
  @Nullable Integer volunteers;

  @Option(names = "--size", paramLabel = "PIXELS", description = "side of an image (default: 16)")
  int size = 16;

  @Option(
      names = "--width",
      paramLabel = "N",
      description = "of the experts' first level, a multiple of 8 (default: 32)")
  int width = 32;

  @Option(names = "--name", description = "of the task (default: ${DEFAULT-VALUE})")
  String name = "demo";

  @Option(names = "--out", paramLabel = "DIR", description = "results (default: ${DEFAULT-VALUE})")
  Path out = Path.of("demo-out");

  @Option(names = "--kill", description = "kill one volunteer with SIGKILL in the middle")
  boolean kill;

  @Option(names = "--liar", description = "add a peer that serves corrupted data")
  boolean liar;

  DemoCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    if (!(minutes >= 1 && minutes <= 10_000) || experts < 1 || experts > 64) {
      throw new NodeException(
          Reason.USAGE,
          "--minutes " + minutes + " or --experts " + experts + " is out of range",
          "give at least 1 minute and 1 to 64 experts");
    }
    if (width < 8 || width > 1024 || width % 8 != 0) {
      throw new NodeException(
          Reason.USAGE, "--width " + width + " is no multiple of 8", "give 8 to 1024, such as 32");
    }
    Path folder = out.toAbsolutePath().normalize();
    OutFolder.prepare(folder);
    Logging.toFile(folder.resolve("demo.log"));
    DemoOptions options =
        new DemoOptions(
            images,
            name,
            minutes,
            experts,
            volunteers == null ? experts + 1 : volunteers,
            size,
            width,
            folder,
            kill,
            liar);
    Thread main = Thread.currentThread();
    try (Ending _ = Ending.on(main::interrupt);
        Demo demo = new Demo(options, stage())) {
      demo.run();
    }
    session.terminal().say("");
    session.terminal().print(out.resolve("grid.png").toString());
    session.terminal().print(out.resolve("report.html").toString());
    session.terminal().print(out.resolve("demo.json").toString());
  }

  private Stage stage() {
    Terminal terminal = session.terminal();
    return new Stage() {
      @Override
      public void say(String sentence) {
        terminal.clearLine();
        terminal.say(sentence);
      }

      @Override
      public void status(String line) {
        terminal.redraw(line);
      }
    };
  }
}
