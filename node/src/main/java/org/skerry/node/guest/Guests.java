package org.skerry.node.guest;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.skerry.node.config.GuestRules;
import org.skerry.node.presence.PresenceDetector;
import org.skerry.transfer.store.FreeSpace;

/**
 * What the owner's rules ask for on this system: one guest that computes, and one on the line.
 *
 * @param folder whose disk the work fills
 */
public record Guests(Path folder, InstantSource clock) {
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Duration SELDOM = Duration.ofMinutes(1);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The guest that computes. */
  public Guest computing(
      GuestRules rules, OwnersPause pause, Consumer<Optional<Hindrance>> listener)
      throws InterruptedException {
    return new Guest(computing(rules, pause), EVERY, clock, listener);
  }

  /** The guest on the line. */
  public Guest transferring(GuestRules rules, Consumer<Optional<Hindrance>> listener)
      throws InterruptedException {
    return new Guest(transferring(rules), EVERY, clock, listener);
  }

  /** Lets other rules hold for {@code guest}, which computes. */
  public void changeComputing(Guest guest, GuestRules rules, OwnersPause pause)
      throws InterruptedException {
    guest.set(computing(rules, pause));
  }

  /** Lets other rules hold for {@code guest}, which is on the line. */
  public void changeTransferring(Guest guest, GuestRules rules) throws InterruptedException {
    guest.set(transferring(rules));
  }

  private List<Condition> computing(GuestRules rules, OwnersPause pause) {
    List<Condition> all = new ArrayList<>();
    all.add(pause);
    rules
        .hours()
        .ifPresent(
            h -> all.add(new OwnerHours("limits.hours", "computing", h, ZoneId.systemDefault())));
    if (!rules.onBattery()) {
      all.add(new PowerSupply(Path.of("/sys/class/power_supply")));
    }
    if (!rules.pauseBeside().isEmpty()) {
      all.add(new RunningPrograms(rules.pauseBeside()));
    }
    rules
        .maxCelsius()
        .ifPresent(most -> all.add(new Temperatures(Path.of("/sys/class/thermal"), most)));
    if (rules.minFreeDiskBytes() > 0) {
      all.add(new FreeDisk(folder, FreeSpace.OF_FILE_SYSTEM, rules.minFreeDiskBytes()));
    }
    rules
        .awayFor()
        .ifPresent(away -> all.add(new AwayOwner(PresenceDetector.ofSystem(away), away)));
    rules
        .ask()
        .ifPresent(question -> all.add(new Seldom(new OwnersQuestion(question, PATIENCE), SELDOM)));
    return all;
  }

  private static List<Condition> transferring(GuestRules rules) {
    List<Condition> all = new ArrayList<>();
    rules
        .networkHours()
        .ifPresent(h ->
            all.add(
                new OwnerHours("limits.network-hours", "the network", h, ZoneId.systemDefault())));
    if (!rules.onMetered()) {
      all.add(new Seldom(MeteredNetwork.ofSystem(), SELDOM));
    }
    return all;
  }
}
