#!/usr/bin/env python3
"""Record a Gymnasium vector environment with autoreset in the same step, every float by its bits.

    record_vector.py --env CartPole-v1 --copies 3 --steps 120 --limit 25 --seed 7 --out cart_pole.json

{"env","gymnasium","copies","seed","limit","first":[obs a copy],"steps":[{"actions","obs":[a copy],"rewards":[f64 hex],
"terminated","truncated","final":[obs or null a copy]}]}; obs: f32 as u32 bit patterns.
"""
import argparse, json, struct
import numpy as np
import gymnasium as gym

f64 = lambda x: struct.pack(">d", float(x)).hex()
bits = lambda obs: [int(x) for x in np.asarray(obs, np.float32).view(np.uint32)]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--env", required=True); ap.add_argument("--copies", type=int, default=3); ap.add_argument("--steps", type=int, default=120)
    ap.add_argument("--limit", type=int); ap.add_argument("--seed", type=int, default=7); ap.add_argument("--out", required=True)
    a = ap.parse_args()
    make = lambda: gym.make(a.env, max_episode_steps=a.limit)
    envs = gym.vector.SyncVectorEnv([make] * a.copies, autoreset_mode=gym.vector.AutoresetMode.SAME_STEP)
    choose = np.random.default_rng(1_000_003 + a.seed)
    obs, _ = envs.reset(seed=a.seed)
    record = dict(env=a.env, gymnasium=gym.__version__, copies=a.copies, seed=a.seed, limit=a.limit, first=[bits(o) for o in obs], steps=[])
    for _ in range(a.steps):
        actions = choose.integers(envs.single_action_space.n, size=a.copies)
        obs, rewards, terminated, truncated, info = envs.step(actions)
        final = info.get("final_obs", [None] * a.copies)
        record["steps"].append(dict(actions=actions.tolist(), obs=[bits(o) for o in obs], rewards=[f64(r) for r in rewards],
                                    terminated=terminated.tolist(), truncated=truncated.tolist(), final=[None if f is None else bits(f) for f in final]))
    lines = json.dumps(record, separators=(",", ":")).replace('{"actions"', '\n{"actions"')
    open(a.out, "w").write(lines + "\n")
    print(sum(sum(s["terminated"]) for s in record["steps"]), "terminated,", sum(sum(s["truncated"]) for s in record["steps"]), "truncated")


main()
