package org.skerry.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.skerry.diffusion.Vectors.assertClose;
import static org.skerry.diffusion.Vectors.get;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.skerry.diffusion.safetensors.HostTensor;
import org.skerry.diffusion.safetensors.Safetensors;
import org.skerry.diffusion.torch.HostTensors;
import org.skerry.diffusion.torch.Kernels;
import org.skerry.diffusion.torch.Torch;

/** Against a port of Paris, at the tolerances its vectors name. */
class ParisTest {
  private static final double ATOL = 5e-5;
  private static final double RTOL = 1e-5;
  private static final double GUIDED_ATOL = 2e-4;

  @TempDir Path folder;
  private final Map<String, HostTensor> inputs = Vectors.load("paris-tiny/inputs");
  private final Map<String, HostTensor> outputs = Vectors.load("paris-tiny/outputs");
  private final ParisExpert expert =
      new ParisExpert(new ParisExpertConfig(4, 8, 2, 64, 2, 4, 256, 32));
  private final ParisRouter router =
      new ParisRouter(new ParisRouterConfig(4, 8, 2, 48, 2, 4, 192, 4));
  private NDManager manager;

  @BeforeEach
  void start() {
    manager = Torch.newManager();
  }

  @AfterEach
  void free() {
    manager.close();
  }

  @Test
  void expertIsTheReferences() throws IOException {
    Parameters p = weights(expert, "expert_1");
    NDArray out = expert.forward(p, input("x"), input("t").div(1000f), Texts.of(input("text")));
    assertClose(out, get(outputs, "output"), ATOL, RTOL);
  }

  @Test
  void intermediatesOfTheExpertAreTheReferences() throws IOException {
    Parameters p = weights(expert, "expert_1");
    NDArray tokens = ParisBlocks.tokens(p, input("x"));
    assertClose(tokens, get(outputs, "embed"), ATOL, RTOL);
    NDArray time = ParisBlocks.time(p, input("t").div(1000f));
    assertClose(time, get(outputs, "t_emb"), ATOL, RTOL);
    NDArray modulation = Kernels.sharedModulation(time, p.layer("t_block"));
    assertClose(modulation, get(outputs, "t0"), ATOL, RTOL);
    NDArray text = Kernels.projectText(tokens, input("text"), p.layer("text_proj"));
    assertClose(text, get(outputs, "text_proj"), ATOL, RTOL);
    NDArray block = Kernels.crossBlock(tokens, modulation, text, null, 4, p.layer("layers.0"));
    assertClose(block, get(outputs, "block0"), ATOL, RTOL);
  }

  @Test
  void routerIsTheReferences() throws IOException {
    Parameters p = weights(router, "router");
    NDArray t = input("t").div(1000f);
    NDArray c = ParisBlocks.time(p, t);
    assertClose(c, get(outputs, "router_c"), ATOL, RTOL);
    NDArray tokens =
        Kernels.prepend(ParisBlocks.tokens(p, input("x")), List.of(p.get("cls_token")));
    assertClose(tokens, get(outputs, "router_embed"), ATOL, RTOL);
    NDArray block = Kernels.routerBlock(tokens, c, 4, p.layer("layers.0"));
    assertClose(block, get(outputs, "router_block0"), ATOL, RTOL);
    NDArray logits = router.forward(p, input("x"), t, null);
    assertClose(logits, get(outputs, "router_logits"), ATOL, RTOL);
    assertClose(logits.softmax(1), get(outputs, "router_probs"), ATOL, RTOL);
  }

  @Test
  void guidedStepOfTheTwoLikeliestExpertsIsTheReferences() throws IOException {
    NDArray x = input("step_x");
    NDArray t = input("step_t").div(1000f);
    NDArray logits = router.forward(weights(router, "router"), x, t, null);
    assertClose(logits, get(outputs, "step_router_logits"), ATOL, RTOL);
    assertClose(logits.softmax(1), get(outputs, "step_router_probs"), ATOL, RTOL);
    long[] likeliest = logits.argSort(1, false).toLongArray();
    long[] top = get(outputs, "step_top2_index").longs();
    assertThat(likeliest).startsWith(top);
    NDArray kept = logits.softmax(1).get(":, {}", manager.create(top));
    NDArray weights = kept.div(kept.sum());
    assertClose(weights, get(outputs, "step_top2_weight"), ATOL, RTOL);

    NDArray velocity = x.zerosLike();
    for (int i = 0; i < top.length; i++) {
      Parameters p = weights(expert, "expert_" + top[i]);
      VelocityField conditional = expert.field(p, input("step_text"));
      VelocityField unconditional = expert.field(p, input("step_uncond"));
      assertClose(conditional.at(x, t), get(outputs, "step_v_cond_" + i), ATOL, RTOL);
      assertClose(unconditional.at(x, t), get(outputs, "step_v_uncond_" + i), ATOL, RTOL);
      NDArray guided = Guidance.ofAllChannels(7.5).field(conditional, unconditional).at(x, t);
      velocity.addi(guided.mul(weights.getFloat(0, i)));
    }
    assertClose(velocity, get(outputs, "step_v"), GUIDED_ATOL, RTOL);
    double[] sigmas = sigmas(50);
    assertThat(sigmas[17]).isCloseTo(get(outputs, "step_sigma").floats()[0], within());
    assertThat(sigmas[18]).isCloseTo(get(outputs, "step_sigma").floats()[1], within());
    NDArray next = x.add(velocity.mul(sigmas[18] - sigmas[17]));
    assertClose(next, get(outputs, "step_x_next"), ATOL, RTOL);
  }

  @Test
  void oneTextStandsForAWholeBatch() throws IOException {
    Parameters p = weights(expert, "expert_1");
    NDArray text = input("text").get("0:1");
    NDArray t = input("t").div(1000f);
    NDArray both = expert.forward(p, input("x"), t, Texts.of(text.concat(text)));
    NDArray field = expert.field(p, text).at(input("x"), t);
    assertClose(field, HostTensors.copyOf(both), 1e-6, 0);
    assertThatThrownBy(() -> expert.field(p, input("text"))).hasMessageContaining("one text");
    assertThatThrownBy(() -> expert.forward(p, input("x"), t, Texts.of(input("x").get(":, 0"))))
        .hasMessageContaining("text must be [batch, tokens, 32]");
    assertThatThrownBy(() -> expert.forward(p, input("x"), t, (NDArray) null))
        .hasMessageContaining("looks at texts, and got none");
  }

  @Test
  void tokensThatOnlyFillATextUpAreNotSeen() throws IOException {
    Parameters p = weights(expert, "expert_1");
    NDArray t = input("t").div(1000f);
    NDArray text = input("text");
    long count = text.getShape().get(0);
    long tokens = text.getShape().get(1);
    NDArray filled = text.concat(text.mul(3f), 1);
    NDArray mask = manager.zeros(new Shape(count, 1, 1, 2 * tokens));
    mask.set(new NDIndex(":, :, :, {}:", tokens), Texts.UNSEEN);
    NDArray alone = expert.forward(p, input("x"), t, Texts.of(text));
    NDArray masked = expert.forward(p, input("x"), t, new Texts(filled, mask));
    assertClose(masked, HostTensors.copyOf(alone), 1e-5, 0);
    NDArray seen = expert.forward(p, input("x"), t, Texts.of(filled));
    assertThat(seen.sub(alone).abs().max().getFloat()).isGreaterThan(1e-3f);
    assertThatThrownBy(() -> new Texts(filled, mask.get(":, :, :, 1:")))
        .hasMessageContaining("mask");
  }

  @Test
  void sinusoidGeluAndNormAreTheReferences() {
    assertClose(
        Kernels.timestepFrequencies(input("probe_t")), get(outputs, "probe_t_freq"), 1e-4, 0);
    assertClose(Kernels.gelu(input("probe_gelu")), get(outputs, "probe_gelu"), 2e-6, 0);
    // The last layer without modulation, with the identity as its matrix, is the bare norm.
    NDArray x = input("probe_ln").expandDims(1);
    var arrays = new ArrayList<NDArray>();
    arrays.add(manager.eye(64));
    arrays.add(manager.zeros(new Shape(64)));
    arrays.add(manager.zeros(new Shape(2, 64)));
    arrays.forEach(array -> array.setName(Kernels.PARAMETER));
    NDArray bare = Kernels.crossFinal(x, x.squeeze(1).zerosLike(), arrays).squeeze(1);
    assertClose(bare, get(outputs, "probe_ln"), 2e-5, 0);
  }

  @Test
  void publishedSizesHaveTheirPublishedParameterCounts() {
    assertThat(ParisExpertConfig.published().parameterCount())
        .isBetween(605_000_000L, 606_500_000L);
    assertThat(ParisRouterConfig.published().parameterCount())
        .isBetween(128_500_000L, 129_500_000L);
  }

  @Test
  void refusesTheWeightsOfTheOther() throws IOException {
    assertThatThrownBy(() -> weights(expert, "router"))
        .hasMessageContaining("missing text_proj.weight")
        .hasMessageContaining("patch_embed.weight is F32[48, 4, 2, 2], not F32(64, 4, 2, 2)");
    var words = new ClipTextConfig(10, 4, 8, 1, 2, 8, ClipTextConfig.Activation.GELU);
    Parameters p = Parameters.initialise(new ClipTextEncoder(words), manager, 1);
    assertThatThrownBy(p::network).hasMessageContaining("no network's");
  }

  /** diffusers' FlowMatchEulerDiscreteScheduler: 1000 down to 1, over 1000, then 0. */
  private static double[] sigmas(int steps) {
    double[] out = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      out[i] = (1000 - 999.0 * i / (steps - 1)) / 1000;
    }
    return out;
  }

  private static Offset<Double> within() {
    return Offset.offset(1e-6);
  }

  private Parameters weights(Model model, String prefix) throws IOException {
    var tensors = new LinkedHashMap<String, HostTensor>();
    Vectors.load("paris-tiny/weights")
        .forEach((name, tensor) -> {
          if (name.startsWith(prefix + ".")) {
            tensors.put(name.substring(prefix.length() + 1), tensor);
          }
        });
    Path file = folder.resolve(prefix + ".safetensors");
    new Safetensors(tensors, Map.of()).write(file);
    return Parameters.fromSafetensors(model, manager, file);
  }

  private NDArray input(String name) {
    return HostTensors.toArray(manager, get(inputs, name));
  }
}
