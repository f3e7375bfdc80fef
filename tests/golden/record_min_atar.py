#!/usr/bin/env python3
"""Record MinAtar's Breakout in the format of record_gym.py.

    pip install MinAtar gymnasium
    record_min_atar.py --seed 0 --episodes 3 --out min_atar_breakout_v1.jsonl

The rules are MinAtar's own, as its Gymnasium environment MinAtar/Breakout-v1 plays them. Three things are set here, so that
a seed says everything: the draws come from numpy's present generator instead of its legacy one, the action that can
stick is forgotten between episodes, and planes are written one after the other.
"""
import argparse, importlib.metadata, json, struct
import numpy as np
import gymnasium as gym
from minatar.gym import register_envs

f64 = lambda x: struct.pack(">d", float(x)).hex()


class Draws:
    """What MinAtar asks of its generator."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(seed)

    def rand(self):
        return self.generator.random()

    def randint(self, n):
        return int(self.generator.integers(n))


def planes(state):
    return [int(x) for x in np.transpose(state, (2, 0, 1)).ravel()]


def toward_the_ball(game, choose):
    """Follows the ball, now with the middle and now with the edge of the paddle, so that it comes to every brick."""
    ahead = game.ball_x + (1 if game.ball_dir in (1, 2) else -1)
    goal = ahead if game.ball_y < 7 or choose.random() < 0.5 else game.ball_x
    return 1 if goal < game.pos else 2 if goal > game.pos else 0


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--seed", type=int, default=0); ap.add_argument("--episodes", type=int, default=3)
    ap.add_argument("--max-steps", type=int, default=2000); ap.add_argument("--out", required=True)
    ap.add_argument("--kwargs", default="{}"); ap.add_argument("--noise", type=float, default=0.1)
    a = ap.parse_args()
    register_envs()
    env = gym.make("MinAtar/Breakout-v1", disable_env_checker=True, **json.loads(a.kwargs))
    game = env.unwrapped.game
    out = open(a.out, "w")
    w = lambda d: out.write(json.dumps(d, separators=(",", ":")) + "\n")
    w(dict(type="header", env="MinAtar/Breakout-v1", kwargs=json.loads(a.kwargs), gymnasium=gym.__version__,
           minatar=importlib.metadata.version("MinAtar"), numpy=np.__version__, noise=a.noise))
    for ep in range(a.episodes):
        seed = a.seed + ep
        choose = np.random.default_rng(1_000_003 + seed)
        game.random = game.env.random = Draws(seed)
        game.last_action = 0
        state, _ = env.reset()
        w(dict(type="reset", ep=ep, seed=seed, obs=planes(state), state=[]))
        total, t, te = 0.0, 0, False
        while not te and t < a.max_steps:
            act = toward_the_ball(game.env, choose) if choose.random() >= a.noise else int(choose.integers(3))
            state, r, te, _, _ = env.step(act); t += 1; total += float(r)
            w(dict(type="step", ep=ep, t=t, action=act, obs=planes(state), reward=f64(r), terminated=bool(te), truncated=False, state=[]))
        w(dict(type="end", ep=ep, steps=t, **{"return": f64(total)}))
        print("ep", ep, "seed", seed, "steps", t, "return", total, "terminated" if te else "cut")


main()
