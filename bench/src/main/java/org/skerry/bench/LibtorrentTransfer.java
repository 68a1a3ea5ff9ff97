package org.skerry.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * A file from one session of Debian's libtorrent to another, both in one process of Python, without
 * encryption and without limits.
 */
final class LibtorrentTransfer implements Transfer {
  static final String PREFIX = "libtorrent";

  private final int version;
  private final Path file;
  private final PythonProcess process;
  private int prepared;

  /**
   * @param version of BitTorrent: 1 hashes pieces by SHA-1, 2 blocks by SHA-256
   */
  LibtorrentTransfer(int version, Path parent) throws IOException {
    this.version = version;
    Path folder = Files.createDirectories(parent.resolve(variant()));
    file = Files.createDirectories(folder.resolve("from")).resolve("file");
    String argument =
        JsonMapper.shared()
            .writeValueAsString(Map.of("version", version, "folder", folder.toString()));
    process = new PythonProcess("libtorrent_fetch.py", argument, Map.of(), folder);
  }

  /** Its version, where it is installed. */
  static Optional<String> version() throws IOException, InterruptedException {
    return PythonProcess.output("import libtorrent; print(libtorrent.version)");
  }

  static void install() throws IOException, InterruptedException {
    PythonProcess.install(List.of("python3-libtorrent"));
  }

  @Override
  public String variant() {
    return PREFIX + "-v" + version;
  }

  @Override
  public void prepare(long bytes) throws IOException {
    RandomFile.write(file, bytes, ++prepared);
    process.ask("prepare " + file);
  }

  @Override
  public void move(long bytes) throws IOException {
    process.ask("move");
  }

  @Override
  public double cpuSeconds() {
    return process.cpuSeconds();
  }

  @Override
  public void close() {
    process.close();
  }
}
