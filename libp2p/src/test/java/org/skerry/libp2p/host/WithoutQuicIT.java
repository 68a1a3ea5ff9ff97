package org.skerry.libp2p.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.skerry.libp2p.Libp2pException;
import org.skerry.libp2p.crypto.PrivateKey;

/** A process in which QUIC's native library is not there. */
class WithoutQuicIT {
  private static final String NATIVE_LIBRARY = "netty-codec-native-quic";

  @Test
  @Timeout(60)
  void saysThatQuicDoesNotRunAndGoesOnByTcp() throws Exception {
    String path =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains(NATIVE_LIBRARY))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                path,
                Main.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said)
        .contains("UNREACHABLE: cannot listen on " + Wire.QUIC.listen())
        .contains("QUIC's native library does not run here")
        .contains("dialled /ip4/127.0.0.1/tcp/")
        .contains("no TCP or relayed address is known for peer");
  }

  /** What the process does. */
  static final class Main {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private Main() {}

    private static TcpHost host(Wire wire) throws Libp2pException {
      return TcpHost.start(
          PrivateKey.generate(new SecureRandom()), HostConfig.listening("test", wire.listen()));
    }

    public static void main(String[] args) throws Exception {
      try {
        host(Wire.QUIC);
      } catch (Libp2pException e) {
        System.out.println(e.reason() + ": " + e.getMessage());
      }
      TcpHost alice = host(Wire.TLS);
      TcpHost bob = host(Wire.TLS);
      alice.addAddresses(bob.peerId(), List.of(Wire.QUIC.listen()));
      try {
        alice.connect(bob.peerId(), LIMIT);
      } catch (Libp2pException e) {
        System.out.println(e.getMessage());
      }
      alice.addAddresses(bob.peerId(), bob.listenAddresses());
      System.out.println("dialled " + alice.connect(bob.peerId(), LIMIT).remoteAddress());
      alice.close();
      bob.close();
    }
  }
}
