"""Writes the vectors of this folder: `python3 generate.py`, with PyTorch 1.13.

Random weights under the names of Hugging Face's files, and what two text encoders make of them.
The arithmetic is written out anew, and follows `modeling_clip.py` (CLIPTextTransformer) and
`modeling_t5.py` (T5Stack as encoder) of huggingface/transformers 4.x, without using either.
"""

import json
import math
import pathlib
import struct

import torch

torch.manual_seed(20)
HERE = pathlib.Path(__file__).parent
TYPES = {torch.float32: "F32", torch.int64: "I64"}


def write(name, tensors):
    header, blobs, at = {}, [], 0
    for key, tensor in tensors.items():
        blob = tensor.contiguous().numpy().tobytes()
        header[key] = {
            "dtype": TYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [at, at + len(blob)],
        }
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (HERE / name).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def random(*shape, spread=0.3, mean=0.0):
    return mean + spread * torch.randn(*shape)


def matmul_heads(x, heads):
    batch, tokens, width = x.shape
    return x.view(batch, tokens, heads, width // heads).permute(0, 2, 1, 3)


# CLIP

VOCAB, HIDDEN, HEADS, INNER, POSITIONS = 40, 24, 3, 48, 11


def clip_weights():
    w = {
        "text_model.embeddings.token_embedding.weight": random(VOCAB, HIDDEN, spread=1),
        "text_model.embeddings.position_embedding.weight": random(POSITIONS, HIDDEN, spread=1),
    }
    for i in range(2):
        layer = f"text_model.encoder.layers.{i}."
        for part in ("k_proj", "v_proj", "q_proj", "out_proj"):
            w[f"{layer}self_attn.{part}.weight"] = random(HIDDEN, HIDDEN)
            w[f"{layer}self_attn.{part}.bias"] = random(HIDDEN)
        for norm in ("layer_norm1", "layer_norm2"):
            w[f"{layer}{norm}.weight"] = random(HIDDEN, mean=1)
            w[f"{layer}{norm}.bias"] = random(HIDDEN)
        w[f"{layer}mlp.fc1.weight"] = random(INNER, HIDDEN)
        w[f"{layer}mlp.fc1.bias"] = random(INNER)
        w[f"{layer}mlp.fc2.weight"] = random(HIDDEN, INNER)
        w[f"{layer}mlp.fc2.bias"] = random(HIDDEN)
    w["text_model.final_layer_norm.weight"] = random(HIDDEN, mean=1)
    w["text_model.final_layer_norm.bias"] = random(HIDDEN)
    return w


def norm(x, w, name):
    mean = x.mean(-1, keepdim=True)
    variance = ((x - mean) ** 2).mean(-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-5) * w[name + ".weight"] + w[name + ".bias"]


def dense(x, w, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


def exact_gelu(x):
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def clip(w, ids, act):
    tokens = ids.shape[1]
    x = w["text_model.embeddings.token_embedding.weight"][ids]
    x = x + w["text_model.embeddings.position_embedding.weight"][:tokens]
    future = torch.full((tokens, tokens), -math.inf).triu(1)
    for i in range(2):
        layer = f"text_model.encoder.layers.{i}"
        y = norm(x, w, layer + ".layer_norm1")
        q = dense(y, w, layer + ".self_attn.q_proj") * (HIDDEN // HEADS) ** -0.5
        k = dense(y, w, layer + ".self_attn.k_proj")
        v = dense(y, w, layer + ".self_attn.v_proj")
        q, k, v = (matmul_heads(z, HEADS) for z in (q, k, v))
        a = torch.softmax(q @ k.transpose(-1, -2) + future, -1) @ v
        a = a.permute(0, 2, 1, 3).reshape(x.shape)
        x = x + dense(a, w, layer + ".self_attn.out_proj")
        y = norm(x, w, layer + ".layer_norm2")
        x = x + dense(act(dense(y, w, layer + ".mlp.fc1")), w, layer + ".mlp.fc2")
    return norm(x, w, "text_model.final_layer_norm")


# T5

D_MODEL, D_KV, T_HEADS, D_FF, BUCKETS, DISTANCE = 20, 6, 3, 28, 32, 128


def t5_weights(gated):
    w = {"shared.weight": random(VOCAB, D_MODEL, spread=1)}
    inner = D_KV * T_HEADS
    for i in range(2):
        block = f"encoder.block.{i}.layer."
        for part in "qkv":
            w[f"{block}0.SelfAttention.{part}.weight"] = random(inner, D_MODEL)
        w[f"{block}0.SelfAttention.o.weight"] = random(D_MODEL, inner)
        if i == 0:
            name = f"{block}0.SelfAttention.relative_attention_bias.weight"
            w[name] = random(BUCKETS, T_HEADS, spread=1)
        w[f"{block}0.layer_norm.weight"] = random(D_MODEL, mean=1)
        for part in ("wi_0", "wi_1") if gated else ("wi",):
            w[f"{block}1.DenseReluDense.{part}.weight"] = random(D_FF, D_MODEL)
        w[f"{block}1.DenseReluDense.wo.weight"] = random(D_MODEL, D_FF)
        w[f"{block}1.layer_norm.weight"] = random(D_MODEL, mean=1)
    w["encoder.final_layer_norm.weight"] = random(D_MODEL, mean=1)
    return w


def bucket(distance):
    """T5Attention._relative_position_bucket, both directions; key position less query position."""
    half = BUCKETS // 2
    exact = half // 2
    away = distance.abs()
    far = torch.log(away.clamp(min=1).float() / exact) / math.log(DISTANCE / exact)
    far = (exact + (far * (half - exact)).long()).clamp(max=half - 1)
    return (distance > 0).long() * half + torch.where(away < exact, away, far)


def rms(x, w, name):
    return w[name + ".weight"] * (x * torch.rsqrt((x**2).mean(-1, keepdim=True) + 1e-6))


def tanh_gelu(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def t5(w, ids, mask, gated):
    tokens = ids.shape[1]
    x = w["shared.weight"][ids]
    at = torch.arange(tokens)
    table = w["encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"]
    bias = table[bucket(at[None] - at[:, None])].permute(2, 0, 1)[None]
    bias = bias + torch.where(mask[:, None, None] > 0, 0.0, torch.finfo(torch.float32).min)
    for i in range(2):
        block = f"encoder.block.{i}.layer."
        y = rms(x, w, block + "0.layer_norm")
        q, k, v = (
            matmul_heads(y @ w[f"{block}0.SelfAttention.{part}.weight"].T, T_HEADS)
            for part in "qkv"
        )
        a = torch.softmax(q @ k.transpose(-1, -2) + bias, -1) @ v
        a = a.permute(0, 2, 1, 3).reshape(*ids.shape, -1)
        x = x + a @ w[block + "0.SelfAttention.o.weight"].T
        y = rms(x, w, block + "1.layer_norm")
        ff = block + "1.DenseReluDense."
        if gated:
            y = tanh_gelu(y @ w[ff + "wi_0.weight"].T) * (y @ w[ff + "wi_1.weight"].T)
        else:
            y = torch.relu(y @ w[ff + "wi.weight"].T)
        x = x + y @ w[ff + "wo.weight"].T
    return rms(x, w, "encoder.final_layer_norm")


clip_w = clip_weights()
gated_w, relu_w = t5_weights(True), t5_weights(False)
ids = torch.randint(0, VOCAB, (2, POSITIONS))
long_ids = torch.randint(0, VOCAB, (1, 150))
mask = torch.ones(2, POSITIONS)
mask[1, 7:] = 0
write("clip.safetensors", clip_w)
write("t5-gated.safetensors", gated_w)
write("t5-relu.safetensors", relu_w)
write("inputs.safetensors", {"ids": ids, "long_ids": long_ids, "mask": mask})
everywhere = torch.ones(1, 150)
write(
    "outputs.safetensors",
    {
        "clip_quick": clip(clip_w, ids, quick_gelu),
        "clip_exact": clip(clip_w, ids, exact_gelu),
        "clip_short": clip(clip_w, ids[:, :5], quick_gelu),
        "t5_gated": t5(gated_w, ids, torch.ones_like(mask), True),
        "t5_gated_masked": t5(gated_w, ids, mask, True)[:, :7],
        "t5_relu": t5(relu_w, ids, torch.ones_like(mask), False),
        "t5_relu_long": t5(relu_w, long_ids, everywhere, False),
        "t5_buckets": bucket(torch.arange(-150, 151)),
    },
)
