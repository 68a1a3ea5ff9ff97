package org.skerry.node.home;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.skerry.node.NodeException;
import org.skerry.node.NodeException.Reason;

/** Words for what the file system refused. */
public final class DiskTrouble {
  private DiskTrouble() {}

  /** A few words for the cause of {@code failure}; never a class name. */
  public static String describe(IOException failure) {
    return switch (failure) {
      case NoSuchFileException e -> "no such file";
      case AccessDeniedException e -> "permission denied";
      case FileAlreadyExistsException e -> "a file is in the way";
      case FileSystemException e when e.getReason() != null -> lower(e.getReason());
      default -> failure.getMessage() == null ? "input/output error" : lower(failure.getMessage());
    };
  }

  /** Whether the disk, or the user's quota on it, is full. */
  public static boolean isFull(IOException failure) {
    String text = String.valueOf(failure.getMessage());
    return text.contains("No space left") || text.contains("Disk quota exceeded");
  }

  /** The failure to write {@code file}, with a remedy that fits its cause. */
  public static NodeException cannotWrite(Path file, IOException failure) {
    return new NodeException(
        Reason.DISK,
        "cannot write " + file + " (" + describe(failure) + ")",
        isFull(failure) ? "free some space and run the command again" : "check its folder",
        failure);
  }

  /** The failure to read {@code file}. */
  public static NodeException cannotRead(Path file, IOException failure) {
    return new NodeException(
        Reason.DISK,
        "cannot read " + file + " (" + describe(failure) + ")",
        "check its owner and the disk",
        failure);
  }

  private static String lower(String text) {
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}
