#!/usr/bin/env python3
"""What OpenCV and Gymnasium make of observations, for tests/preprocess.

    pip install opencv-python-headless "gymnasium[classic-control]"
    make_preprocess_golden.py > expected.json

Images are not written: pixel i of a picture is `noise(i)`, here and in the test.
"""
import json, struct
import cv2, gymnasium as gym, numpy as np
from gymnasium.wrappers import ClipAction, DiscretizeAction, FrameStackObservation, MaxAndSkipObservation, NormalizeObservation


def noise(count):
    i = np.arange(count, dtype=np.uint64)
    return ((i * 2654435761 + 12345) % 4294967296 >> 11).astype(np.uint8)


def checksum(numbers):
    """FNV-1a, 64 bits."""
    h = 0xCBF29CE484222325
    for byte in numbers:
        h = (h ^ int(byte)) * 0x100000001B3 % 2**64
    return f"{h:016x}"


class Frames(gym.Env):
    """Observation n is picture n; an episode has as many steps as it is told."""

    def __init__(self, length):
        self.observation_space = gym.spaces.Box(0, 255, (2, 2), np.uint8)
        self.action_space = gym.spaces.Discrete(2)
        self.length = length

    def picture(self):
        return noise(4 * (self.t + 1))[-4:].reshape(2, 2)

    def reset(self, seed=None, options=None):
        self.t = 0
        return self.picture(), {}

    def step(self, action):
        self.t += 1
        return self.picture(), float(self.t), self.t == self.length, False, {}


class Shown(gym.Env):
    """Takes any action in its bounds and remembers it."""

    def __init__(self):
        self.observation_space = gym.spaces.Box(-1, 1, (1,), np.float32)
        self.action_space = gym.spaces.Box(np.float32([-2, 0]), np.float32([2, 0.3]), dtype=np.float32)

    def step(self, action):
        self.taken = np.float32(action)
        return np.zeros(1, np.float32), 0.0, False, False, {}


bits = lambda xs: [struct.unpack("<I", struct.pack("<f", float(x)))[0] for x in np.ravel(xs)]
out = dict(opencv=cv2.__version__, gymnasium=gym.__version__, numpy=np.__version__)
colours = noise(3 * 5000).reshape(1, -1, 3)
out["grey"] = checksum(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY).ravel())
out["shrink"] = []
for h, w, dh, dw in [(210, 160, 84, 84), (160, 160, 84, 84), (84, 84, 42, 42), (20, 17, 7, 5), (9, 9, 4, 6), (12, 12, 4, 4), (12, 18, 4, 3),
                     (10, 13, 10, 4), (12, 10, 6, 5), (12, 10, 6, 10), (84, 84, 21, 21), (64, 84, 64, 84), (7, 5, 1, 1), (100, 3, 33, 2)]:
    small = cv2.resize(noise(h * w).reshape(h, w), (dw, dh), interpolation=cv2.INTER_AREA)
    out["shrink"].append(dict(size=[h, w], to=[dh, dw], checksum=checksum(small.ravel()), corner=int(small[-1, -1])))

stack, seen = FrameStackObservation(Frames(6), 3), []
observation, _ = stack.reset()
seen.append(observation.ravel().tolist())
for _ in range(6):
    seen.append(stack.step(0)[0].ravel().tolist())
out["frame_stack"] = seen

skip, seen = MaxAndSkipObservation(Frames(100), 4), []
skip.reset()
for _ in range(5):
    observation, reward, *_ = skip.step(0)
    seen.append([observation.ravel().tolist(), float(reward)])
out["action_repeat"] = seen

env, seen = NormalizeObservation(gym.make("CartPole-v1")), []
observation, _ = env.reset(seed=3)
seen.append(bits(observation))
raw = [bits(np.array(env.unwrapped.state, np.float32))]
for t in range(8):
    seen.append(bits(env.step(t % 2)[0]))
    raw.append(bits(np.array(env.unwrapped.state, np.float32)))
out["normalise"] = dict(raw=raw, normalised=seen)

env = DiscretizeAction(Shown(), (3, 4))
out["discretised"] = []
for number in range(12):
    env.step(number)
    out["discretised"].append(bits(env.unwrapped.taken))
env = ClipAction(Shown())
out["clipped"] = []
for action in [[-3, 0.1], [2.5, -0.1], [0.5, 0.4], [2, 0.3]]:
    env.step(np.float32(action))
    out["clipped"].append([bits(action), bits(env.unwrapped.taken)])
print(json.dumps(out, separators=(",", ":")).replace('},{', '},\n{').replace('],"', '],\n"'))
