#!/usr/bin/env python3
"""Writes the policy files beside it from core/src/weights.md alone, without any code of this project, and what the
networks in them say (expected.json). Needs nothing but Python 3.

The numbers of every_field.rlp are halves, quarters and eighths, so its outputs are exact in any floating point.
Those of the others are computed here in f64, to be compared with a tolerance.
"""

import itertools
import json
import math
import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).parent
RELU, ELU, TANH, SIGMOID = 0, 1, 2, 3


def policy_file(environment, inputs, layers, offset, scale, parameters):
    """The bytes of a policy file; a layer is its kind and the words of its record, where pairs are tuples."""
    kinds = {"dense": 1, "activation": 2, "convolution": 3, "normalisation": 4, "dueling": 5, "softmax": 6, "atoms": 7, "quantiles": 8, "embedding": 9, "mean": 10, "joint": 11}
    records = b""
    for kind, *words in layers:
        words = [word_of(word) for word in [kinds[kind], *words]]
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


def word_of(value):
    if isinstance(value, tuple):
        return value[0] | value[1] << 16
    if isinstance(value, float):
        return struct.unpack("<I", struct.pack("<f", value))[0]
    return value


def convolve(size, depths, kernel, stride, padding, order, weights, bias, x):
    """The image [H][W][filters] that a convolution makes of `x`."""
    (height, width), (channels, filters) = size, depths

    def pixel(c, y, x_):
        if not (0 <= y < height and 0 <= x_ < width):
            return 0.0
        return x[(c * height + y) * width + x_ if order == 0 else (y * width + x_) * channels + c]

    def weight(c, down, right, f):
        first, last = (c * kernel[0] + down) * kernel[1] + right, (down * kernel[1] + right) * channels + c
        return weights[(first if order == 0 else last) * filters + f]

    taps = [(c, d, r) for c in range(channels) for d in range(kernel[0]) for r in range(kernel[1])]
    return [
        bias[f] + sum(pixel(c, top + d, left + r) * weight(c, d, r, f) for c, d, r in taps)
        for top in range(-padding[0], height + padding[0] - kernel[0] + 1, stride[0])
        for left in range(-padding[1], width + padding[1] - kernel[1] + 1, stride[1])
        for f in range(filters)
    ]


def play(inputs, layers, offset, scale, parameters, observation):
    """The network's outputs in f64, from the document's sentences."""
    x = list(observation)
    if offset:
        x = [(value - o) * s for value, o, s in zip(x, offset, scale)]
    assert len(x) == inputs
    x, rest = walk(layers, list(parameters), x)
    assert not rest
    return x


def walk(layers, rest, x):
    """One row through layers: what comes out, and the parameters that are left."""
    kinds, behind = [kind for kind, *_ in layers], 0
    for index, (kind, *words) in enumerate(layers):
        if index < behind:
            continue
        if kind == "dense":
            ins, outs = words
            weights, bias, rest = rest[: ins * outs], rest[ins * outs :][:outs], rest[ins * outs + outs :]
            x = [bias[o] + sum(x[i] * weights[i * outs + o] for i in range(ins)) for o in range(outs)]
        elif kind == "convolution":
            (channels, filters), kernel = words[1], words[2]
            count = channels * kernel[0] * kernel[1] * filters
            weights, bias, rest = rest[:count], rest[count:][:filters], rest[count + filters :]
            x = convolve(*words, weights, bias, x)
        elif kind == "normalisation":
            features, _, _, epsilon = words
            gamma, beta, mean, variance = (rest[part * features :][:features] for part in range(4))
            rest = rest[4 * features :]
            normal = lambda f, v: (v - mean[f]) / math.sqrt(variance[f] + epsilon) * gamma[f] + beta[f]
            x = [normal(i % features, v) for i, v in enumerate(x)]
        elif kind == "dueling":
            actions, baseline, width = [*words, 0][:3]
            width = width or 1
            assert len(x) == (1 + actions) * width
            values, advantages = x[:width], [x[(1 + a) * width :][:width] for a in range(actions)]
            columns = list(zip(*advantages))
            taken = [max(column) if baseline == 1 else sum(column) / actions for column in columns]
            x = [value + a - t for advantage in advantages for value, a, t in zip(values, advantage, taken)]
        elif kind == "softmax":
            exponentials = [math.exp(v - max(x)) for v in x]
            x = [e / sum(exponentials) for e in exponentials]
        elif kind == "atoms":
            groups, count, lowest, highest = words
            assert len(x) == groups * count
            values = [lowest + i * (highest - lowest) / (count - 1) for i in range(count)]
            rows = [[math.exp(v) for v in x[g * count :][:count]] for g in range(groups)]
            x = [sum(e * v for e, v in zip(row, values)) / sum(row) for row in rows]
        elif kind == "quantiles":
            groups, count = words
            assert len(x) == groups * count
            x = [sum(x[g * count :][:count]) / count for g in range(groups)]
        elif kind == "joint":
            branches = [count for pair in words for count in pair if count > 0]
            assert len(x) == sum(branches)
            starts = [sum(branches[:b]) for b in range(len(branches))]
            combinations = itertools.product(*map(range, branches))
            x = [sum(x[s + c] for s, c in zip(starts, choices)) / len(branches) for choices in combinations]
        elif kind == "embedding":
            width, cosines, fractions = words
            weights, bias, rest = rest[: cosines * width], rest[cosines * width :][:width], rest[(cosines + 1) * width :]
            assert len(x) == width
            mean = kinds.index("mean", index)
            rows = []
            for k in range(fractions):
                c = [math.cos(math.pi * i * (k + 0.5) / fractions) for i in range(cosines)]
                factors = [max(bias[h] + sum(c[i] * weights[i * width + h] for i in range(cosines)), 0.0) for h in range(width)]
                row, later = walk(layers[index + 1 : mean], rest, [v * factor for v, factor in zip(x, factors)])
                rows.append(row)
            assert layers[mean] == ("mean", fractions, len(rows[0]))
            x, rest, behind = [sum(column) / fractions for column in zip(*rows)], later, mean + 1
        else:
            function = {
                RELU: lambda v: max(v, 0.0),
                ELU: lambda v: v if v > 0.0 else math.expm1(v),
                TANH: math.tanh,
                SIGMOID: lambda v: 1.0 / (1.0 + math.exp(-v)),
            }[words[0]]
            x = [function(v) for v in x]
    return x, rest


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
    "every_kind": {
        "environment": "pictures",
        "inputs": 2 * 5 * 6,
        "layers": [
            ("convolution", (5, 6), (2, 3), (2, 3), (1, 2), (1, 0), 0),
            ("normalisation", 3, 12, 0.25, 0.5),
            ("activation", ELU),
            ("convolution", (6, 2), (3, 2), (3, 1), (2, 1), (0, 1), 1),
            ("dense", 16, 4),
            ("normalisation", 4, 1, 0.125, 0.0625),
            ("dueling", 3, 1),
            ("dense", 3, 4),
            ("dueling", 3, 0),
            ("softmax",),
        ],
        "offset": [],
        "scale": [],
        "parameters": [
            *eighths(36 + 3, 3),
            *[0.5, 1.0, -0.75, 0.25, 0.0, -1.0, 0.125, -0.5, 0.75, 1.0, 2.0, 0.5],
            *eighths(18 + 2, 7),
            *eighths(64 + 4, 11),
            *[1.0, -1.0, 0.5, 2.0, 0.0, 0.5, 1.0, -0.25, -0.5, 0.75, 0.0, 1.5, 3.0, 1.0, 0.25, 4.0],
            *eighths(12 + 4, 17),
        ],
    },
    "distributions": {
        "environment": "",
        "inputs": 3,
        "layers": [("dense", 3, 15), ("dueling", 4, 0, 3), ("quantiles", 6, 2), ("atoms", 2, 3, -1.5, 2.0)],
        "offset": [],
        "scale": [],
        "parameters": eighths(45 + 15, 7),
    },
    "fractions": {
        "environment": "",
        "inputs": 3,
        "layers": [
            ("dense", 3, 4),
            ("activation", ELU),
            ("embedding", 4, 6, 5),
            ("dense", 4, 3),
            ("activation", TANH),
            ("dense", 3, 3),
            ("dueling", 2, 0),
            ("mean", 5, 2),
        ],
        "offset": [],
        "scale": [],
        "parameters": [*eighths(12 + 4, 3), *eighths(24 + 4, 11), *eighths(12 + 3, 5), *eighths(9 + 3, 13)],
    },
    "branches": {
        "environment": "docking",
        "inputs": 4,
        "layers": [("dense", 4, 7), ("joint", (2, 3), (2, 0))],
        "offset": [],
        "scale": [],
        "parameters": eighths(28 + 7, 5),
    },
}
OBSERVATIONS = {
    "every_field": [[0.0, 0.0, 0.0, 0.0], [1.0, -2.0, 0.5, 3.0], [-1.5, 0.25, -2.0, 1.0], [4.0, 4.0, -4.0, -4.0]],
    "every_layer": [[0.0, 0.0], [1.0, -1.0], [-0.5, 2.0], [3.0, 0.75]],
    "every_kind": [eighths(60, 9), eighths(60, 20)],
    "distributions": [[1.0, -0.5, 0.25], [-1.0, 0.0, 2.0]],
    "fractions": [[1.0, -0.5, 0.25], [-1.0, 0.0, 2.0], [0.0, 3.0, -0.5]],
    "branches": [[1.0, -0.5, 0.25, 0.0], [-1.0, 0.5, 2.0, -0.75]],
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
