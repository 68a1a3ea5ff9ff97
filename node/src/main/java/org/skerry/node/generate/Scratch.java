package org.skerry.node.generate;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders for files on their way from a worker. Their names begin with the id of the process that
 * owns them, so that what a killed one left is known for what it is.
 */
final class Scratch {
  private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);

  private Scratch() {}

  /** A name for this process's own folder; not created. */
  static Path folder(Path parent) {
    return parent.resolve(ProcessHandle.current().pid() + "-" + UUID.randomUUID());
  }

  static void deleteOfDeadProcesses(Path parent) {
    if (!Files.isDirectory(parent)) {
      return;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, "*-*")) {
      for (Path folder : folders) {
        String pid = folder.getFileName().toString().replaceFirst("-.*", "");
        if (pid.matches("\\d{1,18}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
          delete(folder);
        }
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be tidied: {}", parent, e.getMessage());
    }
  }

  /** Deletes a folder and what is in it; nothing when it is not there. */
  static void delete(Path folder) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (Files.isDirectory(file)) {
          delete(file);
        } else {
          Files.deleteIfExists(file);
        }
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      LOG.warn("{} stays: {}", folder, e.getMessage());
    }
  }
}
