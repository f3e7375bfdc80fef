#!/usr/bin/env python3
"""One DQN update in jitted JAX, then the same in this project, and the ratio.

    pip install jax        (the CPU version is enough)
    python benches/peers/dqn_update.py

Both do, on one thread: online and target forward, Q-learning targets, squared loss, backward, Adam, soft target update,
on one fixed batch; gathering the batch is in ours only. Microseconds of wall-clock time an update, the median of rounds
that take turns with nothing else: run it on a quiet machine.
"""
import json, os, pathlib, subprocess, sys, time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
import jax, jax.numpy as jnp

NETWORKS = {"8-64-64-4": [8, 64, 64, 4], "4-24-24-2": [4, 24, 24, 2]}
BATCH, ROUNDS, UPDATES = 64, 9, 2000
DISCOUNT, RATE, BETA1, BETA2, EPSILON, TAU = 0.99, 1e-3, 0.9, 0.999, 1e-8, 1e-3


def forward(parameters, x):
    for weights, bias in parameters[:-1]:
        x = jax.nn.relu(x @ weights + bias)
    weights, bias = parameters[-1]
    return x @ weights + bias


@jax.jit
def update(state, batch):
    online, target, first, second, step = state
    observations, actions, rewards, discounts, next_observations = batch
    y = rewards + discounts * forward(target, next_observations).max(1)

    def loss(parameters):
        q = jnp.take_along_axis(forward(parameters, observations), actions[:, None], 1)[:, 0]
        return jnp.mean((q - y) ** 2)

    gradients = jax.grad(loss)(online)
    step = step + 1
    tree = jax.tree_util.tree_map
    first = tree(lambda m, g: BETA1 * m + (1 - BETA1) * g, first, gradients)
    second = tree(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, second, gradients)
    c1, c2 = 1 - BETA1**step, 1 - BETA2**step
    online = tree(lambda p, m, v: p - RATE * (m / c1) / (jnp.sqrt(v / c2) + EPSILON), online, first, second)
    target = tree(lambda t, p: TAU * p + (1 - TAU) * t, target, online)
    return online, target, first, second, step


def jax_microseconds(sizes):
    keys = jax.random.split(jax.random.PRNGKey(0), 32)
    online = [
        (jax.random.normal(keys[i], (a, b)) * (2 / a) ** 0.5, jnp.zeros(b))
        for i, (a, b) in enumerate(zip(sizes[:-1], sizes[1:]))
    ]
    zeros = jax.tree_util.tree_map(jnp.zeros_like, online)
    batch = (
        jax.random.normal(keys[10], (BATCH, sizes[0])),
        jax.random.randint(keys[11], (BATCH,), 0, sizes[-1]),
        jax.random.normal(keys[12], (BATCH,)),
        jnp.full((BATCH,), DISCOUNT),
        jax.random.normal(keys[13], (BATCH, sizes[0])),
    )
    state = jax.block_until_ready(update((online, online, zeros, zeros, 0.0), batch))
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(UPDATES):
            state = update(state, batch)
        jax.block_until_ready(state)
        rounds.append((time.perf_counter() - start) / UPDATES * 1e6)
    return sorted(rounds)[ROUNDS // 2]


def our_microseconds(root, name):
    best = {}
    for estimates in root.glob("target/criterion/**/new/estimates.json"):
        label = json.loads((estimates.parent / "benchmark.json").read_text())["full_id"]
        if label.startswith("dqn_update") and name in label:
            best[label.rsplit("/", 1)[-1]] = json.loads(estimates.read_text())["median"]["point_estimate"] / 1e3
    return best


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    peers = {name: jax_microseconds(sizes) for name, sizes in NETWORKS.items()}
    subprocess.run(["cargo", "bench", "--quiet", "--bench", "dqn_update"], cwd=root, check=True, stdout=sys.stderr)
    for name, peer in peers.items():
        for lanes, ours in sorted(our_microseconds(root, name).items(), key=lambda pair: -pair[1]):
            print(f"{name} batch {BATCH}: {lanes:9} {ours:7.1f} us, jitted JAX {jax.__version__} {peer:7.1f} us, ratio {peer / ours:5.2f}")


main()
