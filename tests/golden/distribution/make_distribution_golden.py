#!/usr/bin/env python3
"""Golden values for distributional, Munchausen and noisy learning, by RLax and JAX in float64, stored as JSON.

    make_distribution_golden.py [--seed 0] [--out .]        needs rlax (pip install rlax); a CPU is enough

Every list of cases has one entry a transition or a network; inputs are drawn once, rounded to float32, and written down:

  categorical   rlax.categorical_double_q_learning on `atoms` from `lowest` to `highest`: `logits` [A][atoms] before the
                step, `next_logits` and `chooser` [A] after it; `target` the projected distribution, `loss`, and `grad`
                with respect to `logits`
  quantiles     rlax.quantile_q_learning with a Huber parameter of 1 and the midpoints of QR-DQN: `values` [A][N],
                `next_values` [A][N] whose mean also chooses; `loss` and `grad`
  munchausen    `q` and `next_q` [A] of the target network; `target` from scipy's log_softmax and logsumexp
  noisy         a network of sizes `sizes` with ReLU between; `means`, `deviations` flat as weights [in][out] then bias,
                layer after layer; `noise` the numbers before f(x) = sign(x) sqrt(|x|), inputs then outputs of each layer;
                `output` of `input`, and gradients of the sum of squares of the output
  implicit      a network of sizes `body` with ReLU behind each layer, an embedding of `cosines` cosines, and sizes `head` with
                ReLU between; `parameters` and `target_parameters` flat as above, the embedding between body and head;
                `input` and `next_input` [B][..], transitions, `fractions` [B][N] and `next_fractions` [B][M];
                `policy` [B][A] the means at `midpoints` midpoints. rlax.quantile_q_learning with a Huber parameter of 1,
                whose selector is the target network's policy: `loss` its mean, `grad` with respect to `parameters`
"""
import argparse
import json
import pathlib

import jax

jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp
import numpy as np
import rlax
from scipy.special import log_softmax, logsumexp

arguments = argparse.ArgumentParser()
arguments.add_argument("--seed", type=int, default=0)
arguments.add_argument("--out", default=str(pathlib.Path(__file__).parent))
arguments = arguments.parse_args()
rng = np.random.default_rng(arguments.seed)


def normal(*shape, scale=1.0):
    return (scale * rng.standard_normal(shape)).astype(np.float32).astype(np.float64)


def single(x):
    return float(np.float32(x))


def plain(case):
    return {key: value.tolist() if hasattr(value, "tolist") else value for key, value in case.items()}


def transition(actions):
    ends = rng.random() < 0.2
    return {
        "action": int(rng.integers(actions)),
        "reward": single(rng.normal() * 2),
        "discount": 0.0 if ends else single(0.97),
    }


def categorical(actions, count, lowest, highest):
    case = transition(actions) | {"atoms": count, "lowest": lowest, "highest": highest}
    atoms = jnp.linspace(lowest, highest, count)
    case["logits"] = normal(actions, count)
    case["next_logits"] = normal(actions, count, scale=2.0)
    case["chooser"] = normal(actions)

    def loss(logits):
        return rlax.categorical_double_q_learning(
            atoms, logits, case["action"], jnp.float64(case["reward"]), jnp.float64(case["discount"]),
            atoms, case["next_logits"], case["chooser"])

    case["loss"], case["grad"] = jax.value_and_grad(loss)(case["logits"])
    follows = jax.nn.softmax(case["next_logits"][int(np.argmax(case["chooser"]))])
    moved = case["reward"] + case["discount"] * atoms
    case["target"] = rlax.categorical_l2_project(moved, follows, atoms)
    return plain(case)


def quantiles(actions, count):
    case = transition(actions) | {"values": normal(actions, count), "next_values": normal(actions, count, scale=2.0)}
    midpoints = (jnp.arange(count) + 0.5) / count

    def loss(values):
        return rlax.quantile_q_learning(
            values.T, midpoints, case["action"], jnp.float64(case["reward"]), jnp.float64(case["discount"]),
            case["next_values"].T, case["next_values"].T, 1.0)

    case["loss"], case["grad"] = jax.value_and_grad(loss)(case["values"])
    return plain(case)


def munchausen(actions, alpha, temperature, lowest, scale):
    case = transition(actions) | {"alpha": alpha, "temperature": temperature, "lowest": lowest}
    case["q"], case["next_q"] = normal(actions, scale=scale), normal(actions, scale=scale)
    logarithm = temperature * log_softmax(case["q"] / temperature)[case["action"]]
    soft = temperature * logsumexp(case["next_q"] / temperature)
    case["target"] = float(case["reward"] + alpha * np.clip(logarithm, lowest, 0.0) + case["discount"] * soft)
    return plain(case)


def noisy(sizes, batch):
    layers = list(zip(sizes, sizes[1:]))
    count = sum(i * o + o for i, o in layers)
    means, deviations = normal(count, scale=0.5), np.abs(normal(count, scale=0.3))
    noise, x = normal(sum(i + o for i, o in layers)), normal(batch, sizes[0])

    def forward(means, deviations):
        signed_root = lambda e: jnp.sign(e) * jnp.sqrt(jnp.abs(e))
        y, at, drawn = x, 0, 0
        for index, (i, o) in enumerate(layers):
            of_in, of_out = signed_root(noise[drawn : drawn + i]), signed_root(noise[drawn + i : drawn + i + o])
            drawn += i + o
            take = lambda flat, start, length: flat[start : start + length]
            weights = take(means, at, i * o) + take(deviations, at, i * o) * jnp.outer(of_in, of_out).reshape(-1)
            bias = take(means, at + i * o, o) + take(deviations, at + i * o, o) * of_out
            at += i * o + o
            y = y @ weights.reshape(i, o) + bias
            if index + 1 < len(layers):
                y = jnp.maximum(y, 0.0)
        return y

    squares = lambda *parameters: jnp.sum(forward(*parameters) ** 2)
    d_means, d_deviations = jax.grad(squares, argnums=(0, 1))(means, deviations)
    return plain({
        "sizes": sizes, "means": means, "deviations": deviations, "noise": noise, "input": x,
        "output": forward(means, deviations), "d_means": d_means, "d_deviations": d_deviations,
    })


def implicit(body, head, cosines, count, next_count, midpoints, batch):
    pairs = lambda sizes: list(zip(sizes, sizes[1:]))
    shapes = pairs(body) + [(cosines, body[-1])] + pairs(body[-1:] + head)
    total = sum(i * o + o for i, o in shapes)
    parameters, target_parameters = normal(total, scale=0.5), normal(total, scale=0.5)
    x, next_x = normal(batch, body[0]), normal(batch, body[0])
    transitions = [transition(head[-1]) for _ in range(batch)]
    uniform = lambda *shape: rng.random(shape).astype(np.float32).astype(np.float64)
    fractions, next_fractions = uniform(batch, count), uniform(batch, next_count)

    def layers(flat):
        at = 0
        for i, o in shapes:
            yield flat[at : at + i * o].reshape(i, o), flat[at + i * o : at + i * o + o]
            at += i * o + o

    def of_one(flat, x, fractions):
        """[fractions][actions]"""
        stack = list(layers(flat))
        for weights, bias in stack[: len(body) - 1]:
            x = jax.nn.relu(x @ weights + bias)
        weights, bias = stack[len(body) - 1]
        cos = jnp.cos(jnp.pi * jnp.arange(cosines)[None, :] * fractions[:, None])
        y = x[None, :] * jax.nn.relu(cos @ weights + bias)
        for index, (weights, bias) in enumerate(stack[len(body) :]):
            y = y @ weights + bias
            if index + 1 < len(head):
                y = jax.nn.relu(y)
        return y

    fixed = (jnp.arange(midpoints) + 0.5) / midpoints

    def loss(flat):
        losses = [
            rlax.quantile_q_learning(
                of_one(flat, x[b], fractions[b]), fractions[b], t["action"], jnp.float64(t["reward"]),
                jnp.float64(t["discount"]), of_one(target_parameters, next_x[b], fixed),
                of_one(target_parameters, next_x[b], next_fractions[b]), 1.0)
            for b, t in enumerate(transitions)]
        return jnp.mean(jnp.stack(losses))

    value, gradient = jax.value_and_grad(loss)(parameters)
    columns = {key: [t[key] for t in transitions] for key in ("action", "reward", "discount")}
    policy = np.stack([of_one(parameters, x[b], fixed).mean(0) for b in range(batch)])
    return plain(columns | {
        "body": body, "head": head, "cosines": cosines, "midpoints": midpoints, "parameters": parameters,
        "target_parameters": target_parameters, "input": x, "next_input": next_x, "fractions": fractions,
        "next_fractions": next_fractions, "policy": policy, "loss": value, "grad": gradient,
    })


golden = {
    "categorical": [categorical(a, n, lo, hi) for a, n, lo, hi in
                    [(2, 51, -10.0, 10.0), (4, 11, -1.0, 3.0), (1, 2, -2.0, 2.0), (3, 51, 0.0, 7.5), (2, 7, -3.0, 0.0)] * 2],
    "quantiles": [quantiles(a, n) for a, n in [(2, 32), (4, 5), (1, 1), (3, 51), (2, 17)] * 2],
    "munchausen": [munchausen(a, alpha, t, lo, s) for a, alpha, t, lo, s in
                   [(2, 0.9, 0.03, -1.0, 0.05), (4, 0.9, 0.03, -1.0, 1.0), (3, 0.5, 1.0, -5.0, 2.0), (18, 0.0, 0.1, -1.0, 1.0)] * 2],
    "noisy": [noisy([4, 7, 3], 5), noisy([3, 33, 17, 2], 2)],
    "implicit": [implicit([4, 9], [3], 5, 3, 4, 7, 5), implicit([3, 17, 11], [6, 2], 16, 8, 1, 5, 2), implicit([2, 5], [4, 4], 1, 1, 6, 1, 3)],
}
path = pathlib.Path(arguments.out) / "distribution.json"
path.write_text(json.dumps(golden) + "\n")
