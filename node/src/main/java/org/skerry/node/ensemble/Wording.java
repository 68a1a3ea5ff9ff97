package org.skerry.node.ensemble;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import org.jspecify.annotations.Nullable;
import org.skerry.diffusion.Guidance;
import org.skerry.diffusion.Parameters;
import org.skerry.diffusion.ParisExpert;
import org.skerry.diffusion.VelocityField;
import org.skerry.diffusion.text.PromptEncoder;

/** A request's words as experts see them: encoded once, for every step and every expert. */
public final class Wording implements AutoCloseable {
  private final NDManager manager;
  private final NDArray wanted;
  private final @Nullable NDArray unwanted;
  private final double guidance;

  private Wording(NDManager manager, NDArray wanted, @Nullable NDArray unwanted, double guidance) {
    this.manager = manager;
    this.wanted = wanted;
    this.unwanted = unwanted;
    this.guidance = guidance;
  }

  /**
   * Encodes what is wanted and, where it is guided away from that, what is not: the negative
   * prompt, which is the empty text when there is none.
   */
  static Wording of(
      PromptEncoder words, String prompt, String negative, double guidance, NDManager parent) {
    NDManager manager = parent.newSubManager();
    try {
      NDArray wanted = words.encode(prompt, manager);
      boolean guided = guidance != 1 && !prompt.equals(negative);
      NDArray unwanted = guided ? words.encode(negative, manager) : null;
      return new Wording(manager, wanted, unwanted, guidance);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * The guided field of one expert.
   *
   * @param p of a {@link ParisExpert}
   */
  VelocityField field(Parameters p) {
    if (!(p.model() instanceof ParisExpert expert)) {
      throw new IllegalStateException(p.model() + " does not look at a text");
    }
    VelocityField conditional = expert.field(p, wanted);
    return unwanted == null
        ? conditional
        : Guidance.ofAllChannels(guidance).field(conditional, expert.field(p, unwanted));
  }

  @Override
  public void close() {
    manager.close();
  }
}
