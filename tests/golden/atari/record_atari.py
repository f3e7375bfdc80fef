#!/usr/bin/env python3
"""Record Atari games as they go through Gymnasium's preprocessing, screens and all.

    pip install ale-py gymnasium opencv-python-headless
    record_atari.py --game Breakout --steps 150 --episodes 3 --out breakout.jsonl
    record_atari.py --game Pong --steps 160 --episodes 1 --out pong.jsonl

AtariPreprocessing (up to 30 times nothing, four screens an action, the brighter of the last two, grey, 84 x 84, the loss of
a life ends) and FrameStackObservation(4) play; below them every screen of the machine is written down. Lines:

    header          what was recorded with what; "palette" are the colours of the screens, "draws" the seed of numpy's
                    generator from which the numbers of no-ops come
    [null, lives, 0, 0, runs]            the machine was reset
    [action, lives, reward, over, runs]  it made one step
    {"observation": ..}                  what all of these since the last such line came to: a reset,
    {"action": .., "reward": .., "sign": .., "ended": .., "observation": ..}   or a step

"runs" say how a screen of 210 x 160 differs from the one before (the first: from colour 0): skipped pixels, how many follow,
their colour, and so on. "observation" is the FNV-1a of the 4 x 84 x 84 bytes.

On a step that ends, Gymnasium's wrapper leaves its two buffers as they are, so that it shows screens from before the
action, or from its middle. For those the observation is made here, by the same functions, of the last two screens that the
action really came to; "stale" says whether Gymnasium's was another.
"""
import argparse, importlib.metadata, json
import ale_py, cv2, numpy as np
import gymnasium as gym
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation, TransformReward

gym.register_envs(ale_py)
parser = argparse.ArgumentParser()
parser.add_argument("--game", required=True)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--episodes", type=int, required=True)
parser.add_argument("--steps", type=int, required=True, help="of an episode at most; 0 for any number")
parser.add_argument("--out", required=True)
arguments = parser.parse_args()
lines = []
palette = {}


class Machine(gym.Wrapper):
    """Writes every screen down; the last ones of an action stay at hand, grey."""

    def __init__(self, env):
        super().__init__(env)
        self.before = np.full(210 * 160, 0)
        self.grey = []

    def screen(self):
        ale = self.env.unwrapped.ale
        rgb = ale.getScreenRGB()
        grey = ale.getScreenGrayscale()
        assert (grey == cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)).all(), "the emulator's grey is OpenCV's"
        self.grey.append(grey)
        packed = (rgb.astype(np.int64) @ [65536, 256, 1]).ravel()
        for colour in np.unique(packed):
            palette.setdefault(int(colour), len(palette))
        seen = np.vectorize(palette.get)(packed)
        runs, end = [], 0
        changed = np.flatnonzero(seen != self.before)
        starts = [p for i, p in enumerate(changed)
                  if i == 0 or changed[i - 1] != p - 1 or seen[changed[i - 1]] != seen[p]]
        for start in starts:
            stop = start
            while stop < seen.size and seen[stop] == seen[start] and seen[stop] != self.before[stop]:
                stop += 1
            runs += [int(start - end), int(stop - start), int(seen[start])]
            end = stop
        self.before = seen
        return runs

    def reset(self, **options):
        result = self.env.reset(**options)
        self.grey.clear()
        lines.append([None, self.env.unwrapped.ale.lives(), 0, 0, self.screen()])
        return result

    def step(self, action):
        result = self.env.step(action)
        over = int(result[2] or result[3])
        lines.append([int(action), self.env.unwrapped.ale.lives(), int(result[1]), over, self.screen()])
        return result


def checksum(pixels):
    value = 0xCBF29CE484222325
    for byte in np.ascontiguousarray(pixels).tobytes():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def toward_the_ball(screen, choose):
    """Breakout mostly with the paddle under the ball, so that there are bricks broken and lives lost."""
    red = (screen == [200, 72, 72]).all(axis=2)
    ball, paddle = (np.flatnonzero(part[:, 8:152].any(axis=0)) for part in (red[93:189], red[189:194]))
    if arguments.game != "Breakout" or not len(ball) or not len(paddle) or choose.random() < 0.15:
        return int(choose.integers(env.action_space.n))
    return 2 if ball.mean() > paddle.mean() else 3


machine = Machine(gym.make(f"ALE/{arguments.game}-v5", frameskip=1, repeat_action_probability=0.0))
env = AtariPreprocessing(machine, noop_max=30, frame_skip=4, screen_size=84, terminal_on_life_loss=True)
env = FrameStackObservation(env, 4, padding_type="reset")
choose = np.random.default_rng(arguments.seed)
draws = int(np.random.SeedSequence(arguments.seed).generate_state(2)[0])
for episode in range(arguments.episodes):
    stack, _ = env.reset(seed=arguments.seed if episode == 0 else None)
    lines.append({"observation": checksum(stack)})
    steps, ended = 0, False
    while not ended and (steps < arguments.steps or arguments.steps == 0):
        action = 1 if steps == 0 else toward_the_ball(env.unwrapped.ale.getScreenRGB(), choose)
        machine.grey.clear()
        before = stack
        stack, reward, terminated, truncated, _ = env.step(action)
        ended = bool(terminated or truncated)
        line = {"action": action, "reward": reward, "sign": float(np.sign(reward)), "ended": ended}
        if ended:
            last = np.maximum.reduce(machine.grey[-2:])
            frame = cv2.resize(last, (84, 84), interpolation=cv2.INTER_AREA)
            own = np.concatenate([before[1:], frame[None]])
            line["stale"] = bool((own != stack).any())
            stack = own
        line["observation"] = checksum(stack)
        lines.append(line)
        steps += 1

version = importlib.metadata.version
header = {
    "game": f"ALE/{arguments.game}-v5", "seed": arguments.seed, "draws": draws, "actions": int(env.action_space.n),
    "ale_py": version("ale-py"), "gymnasium": version("gymnasium"), "opencv": cv2.__version__, "numpy": version("numpy"),
    "palette": [[colour >> 16, colour >> 8 & 255, colour & 255] for colour in palette],
}
with open(arguments.out, "w") as out:
    for line in [header] + lines:
        out.write(json.dumps(line, separators=(",", ":")) + "\n")
ends = [line for line in lines if isinstance(line, dict) and line.get("ended")]
print(len(lines), "lines,", len(palette), "colours,", len(ends), "endings,", sum(e["stale"] for e in ends), "stale;",
      "rewards", sum(l.get("reward", 0) for l in lines if isinstance(l, dict)))
