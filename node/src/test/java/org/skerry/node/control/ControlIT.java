package org.skerry.node.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;
import org.skerry.node.home.SkerryHome;

class ControlIT {
  @TempDir Path folder;

  @Test
  void answersTheClientAndCarriesErrorsWithTheirReason() throws Exception {
    Path file = folder.resolve("control.json");
    RecordingControl daemon = new RecordingControl();
    try (ControlServer server = ControlServer.start(daemon, file, 0, new SecureRandom());
        ControlClient client = ControlClient.open(new SkerryHome(folder))) {
      assertThat(server.port()).isPositive();
      assertThat(client.status()).isEqualTo(daemon.status());
      assertThat(client.peers()).isEqualTo(daemon.peers());
      assertThat(client.pause(Optional.empty()).unit()).isEqualTo("expert-0");
      assertThat(client.pause(Optional.of(Duration.ofHours(2))).unit()).isEqualTo("expert-0");
      assertThatThrownBy(() -> client.pause(Optional.of(Duration.ofDays(400))))
          .hasMessageContaining("no number of seconds");
      assertThat(client.finish(Optional.of(Duration.ofMinutes(1))).unit()).isEqualTo("expert-0");
      client.withdraw("bafy");
      assertThat(daemon.asked).containsExactly("pause", "pause 7200", "finish 60", "withdraw bafy");
      assertThatThrownBy(() -> client.publish(folder))
          .hasMessage("no task in " + folder + "; name another folder")
          .isInstanceOfSatisfying(
              NodeException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
    }
    assertThat(file).doesNotExist();
  }

  @Test
  void refusesWrongTokensForeignHostsAndForeignOrigins() throws Exception {
    Path file = folder.resolve("control.json");
    try (ControlServer server =
        ControlServer.start(new RecordingControl(), file, 0, new SecureRandom())) {
      String token = ControlFile.read(file).token();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThat(get(server, "127.0.0.1", "Authorization: Bearer " + token)).contains("200");
      assertThat(get(server, "127.0.0.1", "Authorization: Bearer 00")).contains("401");
      assertThat(get(server, "127.0.0.1", "X: y")).contains("401");
      assertThat(get(server, "evil.example", "Authorization: Bearer " + token)).contains("403");
      assertThat(
              get(
                  server,
                  "127.0.0.1",
                  "Authorization: Bearer " + token + "\r\nOrigin: http://evil.example"))
          .contains("403");
    }
  }

  private static String get(ControlServer server, String host, String headers) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket
          .getOutputStream()
          .write(
              ("GET /v1/status HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @Test
  void saysThatNoDaemonRunsAndHowToStartOne() {
    assertThatThrownBy(() -> ControlClient.open(new SkerryHome(folder)))
        .hasMessage(
            "no skerry daemon runs on "
                + folder
                + "; start one with `skerry node run`, or name its home with --home");
  }

  @Test
  void takenPortIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Path file = folder.resolve("control.json");
      assertThatThrownBy(() ->
              ControlServer.start(
                  new RecordingControl(), file, taken.getLocalPort(), new SecureRandom()))
          .hasMessageContaining("control port " + taken.getLocalPort() + " cannot be used");
      assertThat(file).doesNotExist();
    }
  }
}
