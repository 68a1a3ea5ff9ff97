"""Pictures from `skerry serve` in ComfyUI.

Put this file into ComfyUI's folder custom_nodes. The node asks the server that the environment
variables SKERRY_URL (default http://127.0.0.1:7860) and SKERRY_TOKEN name, or the node's own input
"server". Only Python's standard library is needed until pictures become tensors.
"""

import base64
import io
import json
import os
import urllib.error
import urllib.request

CONNECT_SECONDS = 60
SOLVERS = ["dpm-2m", "euler", "heun"]


class SkerryError(Exception):
    """The server's own words, for whoever looks at the red node."""


class Server:
    """The calls of one `skerry serve`."""

    def __init__(self, url, token):
        self.url = url.rstrip("/")
        self.token = token

    def open(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method)
        if self.token:
            request.add_header("Authorization", "Bearer " + self.token)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            return urllib.request.urlopen(request, timeout=CONNECT_SECONDS)
        except urllib.error.HTTPError as error:
            raise SkerryError(said(error)) from error
        except urllib.error.URLError as error:
            raise SkerryError(
                f"no server answers at {self.url} ({error.reason}); start one with `skerry serve`"
            ) from error

    def json(self, method, path, body=None):
        with self.open(method, path, body) as answer:
            return json.load(answer)

    def bytes(self, path):
        with self.open("GET", path) as answer:
            return answer.read()

    def events(self, path):
        """Server-sent events as (name, data), until the server closes the stream."""
        with self.open("GET", path) as answer:
            name, data = "", ""
            for raw in answer:
                line = raw.decode().rstrip("\n")
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    data = line[6:]
                elif not line and name:
                    yield name, json.loads(data)
                    name, data = "", ""

    def cancel(self, job):
        try:
            self.open("DELETE", "/api/v1/jobs/" + job).close()
        except SkerryError:
            pass  # it is over, or the server is


def said(error):
    """What a refusal says."""
    try:
        return json.load(error)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return f"the server answered {error.code} {error.reason}"


def to_images(pngs):
    """Pictures as ComfyUI hands them around: a tensor [count, height, width, 3] of 0..1."""
    import numpy
    import torch
    from PIL import Image

    arrays = [numpy.asarray(Image.open(io.BytesIO(png)).convert("RGB")) for png in pngs]
    return torch.from_numpy(numpy.stack(arrays).astype(numpy.float32) / 255.0)


def to_png(images):
    """The first of some pictures, as a file."""
    import numpy
    from PIL import Image

    array = numpy.clip(255.0 * images[0].cpu().numpy(), 0, 255).astype(numpy.uint8)
    out = io.BytesIO()
    Image.fromarray(array).save(out, "PNG")
    return out.getvalue()


class Progress:
    """ComfyUI's progress bar and stop button; nothing outside of ComfyUI."""

    def __init__(self, total):
        try:
            import comfy.model_management
            import comfy.utils
        except ImportError:
            self.bar = self.management = None
        else:
            self.bar = comfy.utils.ProgressBar(total)
            self.management = comfy.model_management

    def step(self, done, total):
        if self.bar:
            self.bar.update_absolute(done, total)

    def preview(self, png):
        if self.bar:
            from PIL import Image

            self.bar.update_absolute(
                self.bar.current, self.bar.total, ("PNG", Image.open(io.BytesIO(png)), 512)
            )

    def check(self):
        if self.management:
            self.management.throw_exception_if_processing_interrupted()


class SkerryGenerate:
    """Makes pictures with an ensemble that a Skerry on this computer, or another, serves."""

    CATEGORY = "image/skerry"
    FUNCTION = "generate"
    RETURN_TYPES = ("IMAGE", "STRING")
    RETURN_NAMES = ("images", "notes")
    DESCRIPTION = "Pictures from `skerry serve`. A side of 0 is the model's own."

    @classmethod
    def INPUT_TYPES(cls):
        return {
            "required": {
                "model": ("STRING", {"default": "", "tooltip": "empty: the server's first"}),
                "prompt": ("STRING", {"default": "", "multiline": True}),
                "seed": ("INT", {"default": 1, "min": 0, "max": 0x7FFFFFFFFFFFFFFF}),
                "count": ("INT", {"default": 1, "min": 1, "max": 64}),
                "steps": ("INT", {"default": 30, "min": 1, "max": 1000}),
                "side": ("INT", {"default": 512, "min": 0, "max": 4096, "step": 8}),
                "guidance": ("FLOAT", {"default": 1.0, "min": 0.0, "max": 100.0, "step": 0.1}),
                "solver": (SOLVERS,),
            },
            "optional": {
                "strategy": ("STRING", {"default": "", "tooltip": "full, top-1, top-2, …"}),
                "image": ("IMAGE",),
                "strength": ("FLOAT", {"default": 0.6, "min": 0.01, "max": 1.0, "step": 0.01}),
                "server": ("STRING", {"default": "", "tooltip": "empty: SKERRY_URL"}),
            },
        }

    def generate(
        self,
        model,
        prompt,
        seed,
        count,
        steps,
        side,
        guidance,
        solver,
        strategy="",
        image=None,
        strength=0.6,
        server="",
    ):
        wish = {
            "prompt": prompt,
            "seed": seed,
            "count": count,
            "steps": steps,
            "guidance": guidance,
            "solver": solver,
            "preview_every": max(1, steps // 10),
        }
        if model:
            wish["model"] = model
        if side:
            wish["width"] = side
        if strategy:
            wish["strategy"] = strategy
        if image is not None:
            wish["image"] = base64.b64encode(to_png(image)).decode()
            wish["strength"] = strength
        url = server or os.environ.get("SKERRY_URL", "http://127.0.0.1:7860")
        calls = Server(url, os.environ.get("SKERRY_TOKEN", ""))
        pngs, notes = self.run(calls, wish)
        return to_images(pngs), "\n".join(notes)

    @staticmethod
    def run(calls, wish):
        """The files, and what could not be had as it was wished for."""
        job = calls.json("POST", "/api/v1/jobs", wish)["id"]
        over = None
        try:
            bar = Progress(wish["steps"])
            for name, data in calls.events(f"/api/v1/jobs/{job}/events"):
                bar.check()
                if name == "progress":
                    bar.step(data["done"], data["total"])
                elif name == "preview":
                    bar.preview(base64.b64decode(data["image"]))
                elif name in ("done", "failed", "cancelled"):
                    over = data
            if over is None:
                raise SkerryError("the server hung up before the pictures were done; ask again")
            if over["state"] != "done":
                raise SkerryError(over.get("error", "the pictures were cancelled"))
            return [calls.bytes(image["url"]) for image in over["images"]], over["warnings"]
        finally:
            calls.cancel(job)  # what is over is forgotten, what is not must not go on


NODE_CLASS_MAPPINGS = {"SkerryGenerate": SkerryGenerate}
NODE_DISPLAY_NAME_MAPPINGS = {"SkerryGenerate": "Skerry: generate"}
