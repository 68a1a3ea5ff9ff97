package org.skerry.node.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.skerry.node.home.AtomicFile;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Where a daemon's control interface is, and the token that opens it; the file is 0600. */
record ControlFile(int port, String token, long process) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  void write(Path file) throws IOException {
    AtomicFile.writeSecret(file, JSON.writeValueAsBytes(this));
  }

  static ControlFile read(Path file) throws IOException {
    try {
      return JSON.readValue(Files.readAllBytes(file), ControlFile.class);
    } catch (JacksonException e) {
      throw new IOException("not a control file", e);
    }
  }

  @Override
  public String toString() {
    return "ControlFile[port=" + port + ", process=" + process + "]";
  }
}
