"""A small stand-in for ComfyUI: loads skerry.py as it loads custom nodes, checks what it checks, and
runs the node against a real server, which SKERRY_URL and SKERRY_TOKEN name. Torch and Pillow are not
needed: the conversions to and from tensors are replaced.

Says {"count": …, "width": …, "notes": …} about the pictures.
"""

import importlib.util
import inspect
import json
import os
import pathlib
import struct
import sys
import urllib.request

TYPES = {"STRING": str, "INT": int, "FLOAT": float}


def load(file):
    """As ComfyUI's nodes.py does with a single file in custom_nodes."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)
    return module


def default(kind, options):
    """The value that a fresh node has, checked as ComfyUI checks a prompt's inputs."""
    if isinstance(kind, list):
        assert kind, "a list of choices has some"
        value = options.get("default", kind[0])
        assert value in kind
        return value
    value = options["default"]
    assert isinstance(value, TYPES[kind]), (kind, value)
    assert options.get("min", value) <= value <= options.get("max", value), options
    return value


def fresh(node):
    """The inputs of a node that was just dropped into a graph."""
    inputs = node.INPUT_TYPES()
    assert set(inputs) <= {"required", "optional", "hidden"}
    values = {}
    for group in ("required", "optional"):
        for name, entry in inputs.get(group, {}).items():
            kind, options = entry[0], entry[1] if len(entry) > 1 else {}
            if isinstance(kind, str) and kind not in TYPES:
                assert group == "optional" and kind.isupper(), (name, kind)  # comes through a link
            else:
                values[name] = default(kind, options)
    parameters = inspect.signature(getattr(node, node.FUNCTION)).parameters
    for name in [*inputs["required"], *inputs["optional"]]:
        assert name in parameters, name
    for name in inputs["optional"]:
        assert parameters[name].default is not inspect.Parameter.empty, name
    return values


def size(png):
    assert png[:8] == b"\x89PNG\r\n\x1a\n", png[:8]
    return struct.unpack(">II", png[16:24])


def run(node, **inputs):
    result = getattr(node(), node.FUNCTION)(**inputs)
    assert isinstance(result, tuple) and len(result) == len(node.RETURN_TYPES)
    return result


def refused(node, words, **inputs):
    try:
        run(node, **inputs)
    except Exception as error:  # ComfyUI shows any
        assert words in str(error), str(error)
    else:
        raise AssertionError("not refused: " + words)


def jobs():
    request = urllib.request.Request(os.environ["SKERRY_URL"] + "/api/v1/jobs")
    request.add_header("Authorization", "Bearer " + os.environ["SKERRY_TOKEN"])
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["jobs"]


def main():
    module = load(pathlib.Path(__file__).with_name("skerry.py"))
    assert set(module.NODE_DISPLAY_NAME_MAPPINGS) == set(module.NODE_CLASS_MAPPINGS)
    (node,) = module.NODE_CLASS_MAPPINGS.values()
    assert node.CATEGORY and node.RETURN_TYPES[0] == "IMAGE"
    assert len(node.RETURN_NAMES) == len(node.RETURN_TYPES)
    assert not {"torch", "numpy", "PIL"} & set(sys.modules), "nothing heavy is loaded yet"

    before = jobs()
    module.to_images = lambda pngs: pngs
    module.to_png = lambda images: images[0]
    inputs = {**fresh(node), "steps": 4, "side": 64, "seed": 7}
    pngs, notes = run(node, **{**inputs, "count": 3})
    width, height = size(pngs[0])
    assert width == height and len(pngs) == 3
    again, _ = run(node, **{**inputs, "count": 1})
    assert again[0] == pngs[0], "the same seed makes the same picture"
    changed, _ = run(node, **{**inputs, "image": pngs[1:], "strength": 0.5})
    assert size(changed[0]) == (width, height) and changed[0] != again[0]

    refused(node, "'nobody' is not served here", **{**inputs, "model": "nobody"})
    refused(node, "steps is 0; send a whole number", **{**inputs, "steps": 0})
    refused(node, "start one with `skerry serve`", **{**inputs, "server": "http://127.0.0.1:9"})
    os.environ["SKERRY_TOKEN"], token = "wrong-token", os.environ["SKERRY_TOKEN"]
    refused(node, "the token is wrong", **inputs)
    os.environ["SKERRY_TOKEN"] = token
    assert jobs() == before, "nothing is left on the server"
    print(json.dumps({"count": len(pngs), "width": width, "notes": notes}))


main()
