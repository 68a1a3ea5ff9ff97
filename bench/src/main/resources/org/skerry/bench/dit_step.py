"""The same training step in Python: reads a number of steps a line, answers with one JSON object."""
import json, math, sys, time
import numpy, torch
import torch.nn as nn, torch.nn.functional as F

c = json.loads(sys.argv[1])
D, H, S, P, C, B = c["hidden"], c["heads"], c["side"], c["patch"], c["channels"], c["batch"]
torch.set_num_threads(c["threads"]); torch.set_num_interop_threads(1)
s = S // P; N = s * s

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(D, 3 * D); self.proj = nn.Linear(D, D)
        self.fc1 = nn.Linear(D, 4 * D); self.fc2 = nn.Linear(4 * D, D); self.ada = nn.Linear(D, 6 * D)
    def forward(self, x, c):
        s1, c1, g1, s2, c2, g2 = self.ada(c).unsqueeze(1).chunk(6, 2)
        a = F.layer_norm(x, (D,), eps=1e-6) * (1 + c1) + s1
        q, k, v = self.qkv(a).reshape(-1, N, 3, H, D // H).permute(2, 0, 3, 1, 4).unbind(0)
        if hasattr(F, "scaled_dot_product_attention"):
            o = F.scaled_dot_product_attention(q, k, v)
        else:
            o = ((q * (D // H) ** -0.5) @ k.transpose(-1, -2)).softmax(-1) @ v
        x = x + g1 * self.proj(o.transpose(1, 2).reshape(-1, N, D))
        m = F.layer_norm(x, (D,), eps=1e-6) * (1 + c2) + s2
        return x + g2 * self.fc2(F.gelu(self.fc1(m), approximate="tanh"))

class DiT(nn.Module):
    def __init__(self):
        super().__init__()
        self.pos = nn.Parameter(torch.zeros(1, N, D), requires_grad=False)
        self.patch = nn.Conv2d(C, D, P, P)
        self.t1 = nn.Linear(256, D); self.t2 = nn.Linear(D, D)
        self.blocks = nn.ModuleList(Block() for _ in range(c["depth"]))
        self.out = nn.Linear(D, P * P * C); self.ada = nn.Linear(D, 2 * D)
        self.register_buffer("f", torch.exp(-math.log(10000) * torch.arange(128) / 128)[None])
    def forward(self, x, t):
        y = F.linear(x.reshape(-1, C, s, P, s, P).permute(0, 2, 4, 1, 3, 5).reshape(-1, N, C * P * P),
                     self.patch.weight.reshape(D, -1), self.patch.bias) + self.pos
        a = t[:, None] * 1000 * self.f
        e = F.silu(self.t2(F.silu(self.t1(torch.cat([a.cos(), a.sin()], 1)))))
        for b in self.blocks: y = b(y, e)
        sh, sc = self.ada(e).unsqueeze(1).chunk(2, 2)
        r = self.out(F.layer_norm(y, (D,), eps=1e-6) * (1 + sc) + sh)
        return r.reshape(-1, s, s, P, P, C).permute(0, 5, 1, 3, 2, 4).reshape(-1, C, S, S)

model = DiT()
flat = torch.from_numpy(numpy.fromfile(c["weights"], dtype="<f4"))
at = 0
with torch.no_grad():
    for p in model.parameters():
        p.copy_(flat[at:at + p.numel()].reshape(p.shape)); at += p.numel()
assert at == flat.numel(), (at, flat.numel())
data = torch.from_numpy(numpy.fromfile(c["batches"], dtype="<f4")).reshape(-1, B, 2 * C * S * S + 1)
trained = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-3, betas=(0.9, 0.99), weight_decay=0, foreach=True)
step = 0
print(json.dumps({"torch": torch.__version__}), flush=True)
for line in sys.stdin:
    losses = []
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(int(line)):
        b = data[step % data.shape[0]]; step += 1
        x = b[:, :C * S * S].reshape(B, C, S, S)
        e = b[:, C * S * S:2 * C * S * S].reshape(B, C, S, S); t = b[:, -1]
        q = t.reshape(-1, 1, 1, 1)
        loss = (model(x + q * (e - x), t) - (e - x)).square().mean()
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step(); optimizer.zero_grad(set_to_none=False)
        losses.append(loss.item())
    print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "losses": losses}), flush=True)
