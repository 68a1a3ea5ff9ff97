package org.skerry.node.service;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A systemd unit that runs the node. The one of a user runs as he does, and sees what he sees; the
 * one of the system may write its home only. Neither hides devices, since training wants the GPU.
 *
 * @param command the {@code skerry} command
 * @param home of the node
 * @param environment variables that the daemon is to have
 * @param user whom a unit of the system runs as; empty for a unit of the user's own
 * @param groups that a unit of the system is in besides, such as {@code render} for a GPU
 * @see <a href="https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html">
 *     systemd.exec(5)</a>
 */
public record SystemdUnit(
    Path command,
    Path home,
    Map<String, String> environment,
    Optional<String> user,
    List<String> groups) {
  /** What the unit is called. */
  public static final String NAME = "skerry.service";

  public SystemdUnit {
    environment = new TreeMap<>(environment);
    groups = List.copyOf(groups);
  }

  /** The unit file's text. */
  public String text() {
    List<String> lines = new ArrayList<>();
    lines.add("# Written by `skerry node service install`; overwritten when that runs again.");
    lines.add("[Unit]");
    lines.add("Description=Skerry node");
    lines.add("Wants=network-online.target");
    lines.add("After=network-online.target");
    lines.add("");
    lines.add("[Service]");
    lines.add("Type=exec");
    lines.add(
        "ExecStart=" + word(command.toString()) + " --home " + word(home.toString()) + " node run");
    environment.forEach((name, value) -> lines.add("Environment=" + quoted(name + "=" + value)));
    lines.add("Restart=on-failure");
    lines.add("RestartSec=10");
    lines.add("# The daemon alone is told to end: it lets its worker write a checkpoint.");
    lines.add("KillMode=mixed");
    lines.add("TimeoutStopSec=90");
    lines.add("# A guest goes first when memory ends, and last to the disk.");
    lines.add("OOMScoreAdjust=500");
    lines.add("IOSchedulingClass=idle");
    lines.add("NoNewPrivileges=yes");
    user.ifPresent(name -> {
      lines.add("User=" + name);
      if (!groups.isEmpty()) {
        lines.add("SupplementaryGroups=" + String.join(" ", groups));
      }
      lines.add("PrivateTmp=yes");
      lines.add("ProtectSystem=strict");
      lines.add("ReadWritePaths=" + quoted(home.toString()));
      lines.add("ProtectKernelTunables=yes");
      lines.add("ProtectKernelModules=yes");
      lines.add("ProtectControlGroups=yes");
      lines.add("RestrictSUIDSGID=yes");
    });
    lines.add("");
    lines.add("[Install]");
    lines.add("WantedBy=" + (user.isPresent() ? "multi-user.target" : "default.target"));
    return String.join("\n", lines) + "\n";
  }

  /** One of a command line, in which systemd would expand variables. */
  private static String word(String text) {
    return quoted(text.replace("$", "$$"));
  }

  /** As systemd reads it (systemd.syntax(7)), without anything for it to expand. */
  private static String quoted(String text) {
    if (text.chars().anyMatch(c -> c < ' ' || c == 127)) {
      throw new IllegalArgumentException("a control character in '" + text.strip() + "'");
    }
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("%", "%%") + '"';
  }
}
