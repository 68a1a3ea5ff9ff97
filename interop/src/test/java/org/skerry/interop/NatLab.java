package org.skerry.interop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Runs cells of {@code nat/lab.sh}: a relay, a target and a dialler in network namespaces of their
 * own, behind routers made of nftables.
 */
final class NatLab {
  private static final Path SCRIPT = Path.of("nat", "lab.sh");
  private static final Duration LIMIT = Duration.ofMinutes(6);

  /** A router, by what it lets in and by the ports that it gives to what goes out. */
  enum Router {
    /** None. */
    OPEN,
    /** Lets everybody in who comes to the peer's port. */
    CONE,
    /** Lets in who was dialled, and gives a port's packets the same port whomever they go to. */
    PORT_RESTRICTED,
    /** Lets in who was dialled, and gives a new port for everybody. */
    SYMMETRIC,
    /** As SYMMETRIC, but maps ports for who asks by UPnP: miniupnpd. */
    UPNP,
    /** As SYMMETRIC, but maps ports for who asks by NAT-PMP: miniupnpd. */
    NAT_PMP,
    /** Lets nothing through. */
    BLOCKED;

    /** Those that do what they do unasked. */
    static final List<Router> PLAIN = List.of(OPEN, CONE, PORT_RESTRICTED, SYMMETRIC);
  }

  /** How the target was reached. */
  enum How {
    /** Dialled, and nothing else. */
    DIRECT,
    /** It dialled back, asked through the relay. */
    REVERSED,
    /** Both dialled at the same moment. */
    PUNCHED,
    /** Through the relay only. */
    RELAYED
  }

  /**
   * What a cell came to.
   *
   * @param firstMs from the dial to the first byte back, over whatever way
   * @param directMs to the first byte back without the relay; of no meaning when RELAYED
   */
  record Outcome(How how, long firstMs, long directMs) {}

  private final Path folder;
  private final String classpath;

  NatLab(Path folder) {
    this.folder = folder;
    // The script runs elsewhere.
    this.classpath =
        String.join(
            ":",
            Arrays.stream(System.getProperty("java.class.path").split(":"))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .toList());
  }

  /**
   * Runs one cell.
   *
   * @param transport {@code tcp} or {@code quic}, which all three speak, and nothing else; {@code
   *     js-dialler} or {@code js-target} for TCP with js-libp2p in that place
   */
  Outcome run(String transport, Router dialler, Router target)
      throws IOException, InterruptedException {
    String[] words = lab(transport, word(dialler), target).strip().split(" ");
    return new Outcome(
        How.valueOf(words[0].toUpperCase(Locale.ROOT)),
        Long.parseLong(words[1]),
        Long.parseLong(words[2]));
  }

  /**
   * What {@code skerry doctor} says behind {@code router} once it says {@code word}, or at last.
   */
  String doctor(String word, Router router) throws IOException, InterruptedException {
    return lab("doctor", word, router);
  }

  /**
   * What js-libp2p in the open finds out of itself by a version of AutoNAT, and we of ourselves, a
   * line each.
   */
  String autonat(String version) throws IOException, InterruptedException {
    return lab("autonat", version, Router.OPEN);
  }

  private String lab(String transport, String other, Router target)
      throws IOException, InterruptedException {
    Path cell = Files.createDirectories(folder.resolve(transport + other + "-" + target));
    Path errors = cell.resolve("lab.err");
    Process lab =
        new ProcessBuilder(
                SCRIPT.toAbsolutePath().toString(),
                transport,
                other,
                word(target),
                cell.toAbsolutePath().toString(),
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                classpath)
            .redirectError(errors.toFile())
            .redirectOutput(cell.resolve("lab.out").toFile())
            .start();
    try {
      lab.getOutputStream().close();
      if (!lab.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS) || lab.exitValue() != 0) {
        throw new IOException("the laboratory does not run: " + Files.readString(errors));
      }
      return Files.readString(cell.resolve("lab.out"));
    } finally {
      lab.destroy();
    }
  }

  private static String word(Router router) {
    return router.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
