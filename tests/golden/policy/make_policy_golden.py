#!/usr/bin/env python3
"""Writes the policy files beside it from core/src/weights.md alone, without any code of this project, and what the
networks in them say (expected.json). Needs nothing but Python 3.

The numbers of every_field.rlp are halves, quarters and eighths, so its outputs are exact in any floating point.
Those of every_layer.rlp are computed here in f64, to be compared with a tolerance.
"""

import json
import math
import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).parent
RELU, ELU, TANH, SIGMOID = 0, 1, 2, 3


def policy_file(environment, inputs, layers, offset, scale, parameters):
    """The bytes of a policy file; a layer is ("dense", inputs, outputs) or ("activation", code)."""
    kinds = {"dense": 1, "activation": 2}
    records = b""
    for kind, *words in layers:
        words = [kinds[kind], *words]
        records += struct.pack("<8I", *words, *[0] * (8 - len(words)))
    numbers = [*offset, *scale, *parameters]
    length = 64 + len(records) + 4 * len(numbers) + 4
    header = b"\x89RLP\r\n\x1a\n" + struct.pack(
        "<HHIIIII", 1, len(layers), length, inputs, len(offset), len(parameters), 0
    )
    header += environment.encode("ascii").ljust(32, b"\0")
    assert len(header) == 64 and len(offset) == len(scale)
    content = header + records + struct.pack(f"<{len(numbers)}f", *numbers)
    return content + struct.pack("<I", zlib.crc32(content))


def play(inputs, layers, offset, scale, parameters, observation):
    """The network's outputs in f64, from the document's sentences."""
    x = list(observation)
    if offset:
        x = [(value - o) * s for value, o, s in zip(x, offset, scale)]
    assert len(x) == inputs
    rest = list(parameters)
    for kind, *words in layers:
        if kind == "dense":
            ins, outs = words
            weights, bias, rest = rest[: ins * outs], rest[ins * outs :][:outs], rest[ins * outs + outs :]
            x = [bias[o] + sum(x[i] * weights[i * outs + o] for i in range(ins)) for o in range(outs)]
        else:
            function = {
                RELU: lambda v: max(v, 0.0),
                ELU: lambda v: v if v > 0.0 else math.expm1(v),
                TANH: math.tanh,
                SIGMOID: lambda v: 1.0 / (1.0 + math.exp(-v)),
            }[words[0]]
            x = [function(v) for v in x]
    assert not rest
    return x


def eighths(count, value):
    """Small multiples of 1/8 without a symmetry that would hide a mistake: the powers of 3 modulo 31."""
    numbers = []
    for _ in range(count):
        value = 3 * value % 31
        numbers.append((value - 15) / 8)
    return numbers


NETWORKS = {
    "every_field": {
        "environment": "CartPole-v1",
        "inputs": 4,
        "layers": [("dense", 4, 3), ("activation", RELU), ("dense", 3, 2)],
        "offset": [0.5, -1.0, 0.0, 2.0],
        "scale": [2.0, 0.5, 1.0, 0.25],
        "parameters": eighths(4 * 3 + 3 + 3 * 2 + 2, 5),
    },
    "every_layer": {
        "environment": "",
        "inputs": 2,
        "layers": [
            ("dense", 2, 3),
            ("activation", TANH),
            ("dense", 3, 4),
            ("activation", ELU),
            ("dense", 4, 3),
            ("activation", SIGMOID),
            ("dense", 3, 2),
            ("activation", RELU),
            ("dense", 2, 3),
        ],
        "offset": [],
        "scale": [],
        "parameters": eighths(9 + 16 + 15 + 8 + 9, 2),
    },
}
OBSERVATIONS = {
    "every_field": [[0.0, 0.0, 0.0, 0.0], [1.0, -2.0, 0.5, 3.0], [-1.5, 0.25, -2.0, 1.0], [4.0, 4.0, -4.0, -4.0]],
    "every_layer": [[0.0, 0.0], [1.0, -1.0], [-0.5, 2.0], [3.0, 0.75]],
}

expected = {}
for name, network in NETWORKS.items():
    (FOLDER / f"{name}.rlp").write_bytes(policy_file(**network))
    network = {key: value for key, value in network.items() if key != "environment"}
    expected[name] = [
        {"observation": observation, "outputs": play(**network, observation=observation)}
        for observation in OBSERVATIONS[name]
    ]
(FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
