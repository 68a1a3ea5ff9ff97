package org.skerry.node.daemon;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.skerry.node.config.GuestRules;
import org.skerry.node.control.GuestStatus;
import org.skerry.node.event.Event;
import org.skerry.node.event.EventSink;
import org.skerry.node.guest.Guest;
import org.skerry.node.guest.Guests;
import org.skerry.node.guest.Hindrance;
import org.skerry.node.guest.OwnersPause;
import org.skerry.node.home.SkerryHome;
import org.skerry.node.traffic.Traffic;

/**
 * What the owner lends, and when: lets training, measuring and transfers rest while one of his
 * conditions does not hold. Thread-safe.
 */
final class Lending implements AutoCloseable {
  private final Optional<VolunteerLoop> volunteer;
  private final Optional<EvaluatorLoop> evaluator;
  private final Traffic traffic;
  private final InstantSource clock;
  private final EventSink events;
  private final OwnersPause pause;
  private final Guests guests;
  private final Guest computing;
  private final Guest transferring;

  Lending(
      SkerryHome home,
      GuestRules rules,
      Optional<VolunteerLoop> volunteer,
      Optional<EvaluatorLoop> evaluator,
      Traffic traffic,
      InstantSource clock,
      EventSink events)
      throws InterruptedException {
    this.volunteer = volunteer;
    this.evaluator = evaluator;
    this.traffic = traffic;
    this.clock = clock;
    this.events = events;
    this.pause = OwnersPause.open(home.pause());
    this.guests = new Guests(home.root(), clock);
    this.computing = guests.computing(rules, pause, this::compute);
    this.transferring = guests.transferring(rules, this::transfer);
  }

  private void compute(Optional<Hindrance> hindrance) {
    events.record(
        hindrance
            .<Event>map(why -> new Event.Paused(why.name(), why.reason(), untilMs(why)))
            .orElseGet(Event.Resumed::new));
    volunteer.ifPresent(loop -> hindrance.ifPresentOrElse(loop::pause, loop::resume));
    evaluator.ifPresent(loop -> loop.pause(hindrance.isPresent()));
  }

  private void transfer(Optional<Hindrance> hindrance) {
    events.record(
        hindrance
            .map(why -> new Event.NetworkHeld(why.name(), why.reason(), untilMs(why)))
            .orElseGet(() -> new Event.NetworkHeld("", "", 0)));
    traffic.hold(hindrance.isPresent());
  }

  private static long untilMs(Hindrance why) {
    return why.until().map(Instant::toEpochMilli).orElse(0L);
  }

  /** Pauses at the owner's wish, for a while or until he resumes. */
  void pause(Optional<Duration> time) throws IOException, InterruptedException {
    pause.begin(time.map(clock.instant()::plus));
    computing.ask();
  }

  /** Ends the owner's pause; other conditions may still not hold. */
  void resume() throws IOException, InterruptedException {
    pause.end();
    computing.ask();
  }

  /** Lets other rules hold from now on. */
  void change(GuestRules rules) throws InterruptedException {
    guests.changeComputing(computing, rules, pause);
    guests.changeTransferring(transferring, rules);
  }

  GuestStatus status() {
    Guest.State compute = computing.state();
    Guest.State transfer = transferring.state();
    return new GuestStatus(
        compute.hindrance().map(Lending::hindered).orElse(null),
        transfer.hindrance().map(Lending::hindered).orElse(null),
        Stream.concat(compute.standings().stream(), transfer.standings().stream())
            .map(s -> new GuestStatus.Standing(s.name(), s.wish(), s.seen(), s.holds()))
            .toList());
  }

  private static GuestStatus.Hindered hindered(Hindrance why) {
    @Nullable Long until = why.until().map(Instant::toEpochMilli).orElse(null);
    return new GuestStatus.Hindered(why.name(), why.reason(), until);
  }

  @Override
  public void close() throws InterruptedException {
    computing.close();
    transferring.close();
  }
}
