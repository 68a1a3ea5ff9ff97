package org.skerry.node.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.ensemble.ModelShelf;
import org.skerry.node.generate.PictureMaker;
import org.skerry.node.generate.Resources;
import org.skerry.node.home.DiskTrouble;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.serve.MakerSource;
import org.skerry.node.serve.PictureServer;
import org.skerry.node.serve.RunningServers;
import org.skerry.node.serve.ServeSettings;
import org.skerry.node.serve.ServedModels;
import org.skerry.node.worker.Workers;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Make pictures for other programs, over HTTP, until Ctrl-C or `skerry stop`: for those that"
          + " speak the calls of OpenAI or of AUTOMATIC1111's web UI, and for your own"
          + " (docs/HTTP.md, and /openapi.json of the server)."
    },
    footer = {
      "",
      "Examples:",
      "  skerry serve coast-v1",
      "  skerry serve --port 8080 --allow-origin http://localhost:3000",
      "  skerry serve --host 0.0.0.0 --token-file ~/.skerry-token"
    })
final class ServeCommand implements CliAction {
  /** A token is a line. */
  private static final long MAX_TOKEN_BYTES = 4_096;

  private static final int MAX_KEEP_WARM_MINUTES = 366 * 24 * 60;

  private final Session session;

  @Parameters(
      paramLabel = "MODEL",
      arity = "0..*",
      description = "pulled ensembles (default: all); the first is meant when a call names none")
  List<String> models = new ArrayList<>();

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "where to listen; others than this computer need a token (default: 127.0.0.1)")
  String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "0 for any free one (default: 7860, where image tools look)")
  int port = 7860;

  @ArgGroup Token token = new Token();

  /** One way to say it. */
  static final class Token {
    @Option(
        names = "--token",
        paramLabel = "TOKEN",
        description = "that callers must show; other users of this computer may see it here")
    @Nullable String text;

    @Option(
        names = "--token-file",
        paramLabel = "FILE",
        description = "the first line of which is that token")
    @Nullable Path file;
  }

  @Option(
      names = "--allow-origin",
      paramLabel = "ORIGIN",
      description = "whose web pages may call, as http://localhost:3000; repeatable")
  List<String> origins = new ArrayList<>();

  @Option(
      names = "--allow-host",
      paramLabel = "NAME",
      description = "another name this server is called by, as host.docker.internal; repeatable")
  List<String> hosts = new ArrayList<>();

  @Option(
      names = "--queue",
      paramLabel = "N",
      description = "requests that may wait (default: ${DEFAULT-VALUE})")
  int queue = 16;

  @Option(
      names = "--keep-warm",
      paramLabel = "MINUTES",
      description =
          """
          after which a model that nobody asks anything gives its memory back, until the next \
          request, which waits for it to be loaded again (default: ${DEFAULT-VALUE})\
          """)
  int keepWarmMinutes = 10;

  @Mixin ResourceOptions resources = new ResourceOptions();

  ServeCommand(Session session) {
    this.session = session;
  }

  @Override
  public void act() throws Exception {
    SkerryHome home = session.openHome("serve.log");
    ServeSettings settings = new ServeSettings(host, port, tokenText(), hosts, origins).checked();
    require("--queue", queue, 1, 1_000);
    require("--keep-warm", keepWarmMinutes, 0, MAX_KEEP_WARM_MINUTES);
    Resources allowed = resources.read();
    ServedModels served = new ServedModels(new ModelShelf(home), models);
    CompletableFuture<PictureServer> started = new CompletableFuture<>();
    // Closed last, so that the process does not end under a request.
    try (Ending _ = Ending.on(() -> stop(started));
        PictureMaker maker =
            new PictureMaker(
                home,
                Workers.warm(home.work(), home.logs().resolve("worker.log"), allowed.threads()),
                allowed,
                queue,
                Duration.ofMinutes(keepWarmMinutes));
        PictureServer server =
            PictureServer.start(settings, served, new MakerSource(maker), Version.text());
        RunningServers.Noted _ = new RunningServers(home).note(server, models)) {
      started.complete(server);
      greet(server, served);
      server.awaitStop();
      session.terminal().say("Stopping: the request that runs may end first.");
    }
  }

  private static void stop(CompletableFuture<PictureServer> started) {
    var _ = started.thenAccept(PictureServer::stop);
  }

  private void greet(PictureServer server, ServedModels served) throws NodeException {
    session.terminal().say("Serving " + String.join(", ", served.names()) + " on");
    session.terminal().print(server.address());
  }

  private Optional<String> tokenText() throws NodeException {
    Path file = token.file;
    if (file == null) {
      return Optional.ofNullable(token.text);
    }
    try {
      if (Files.size(file) > MAX_TOKEN_BYTES) {
        throw new NodeException(Reason.USAGE, file + " is no token file", "write one line into it");
      }
      return Optional.of(Files.readString(file).lines().findFirst().orElse("").strip());
    } catch (IOException e) {
      throw new NodeException(
          Reason.NOT_FOUND,
          "cannot read " + file + " (" + DiskTrouble.describe(e) + ")",
          "name another file with --token-file",
          e);
    }
  }

  private static void require(String option, int value, int least, int most) throws NodeException {
    if (value < least || value > most) {
      throw new NodeException(
          Reason.USAGE,
          option + " " + value + " makes no sense",
          "name a number from " + least + " to " + most);
    }
  }
}
