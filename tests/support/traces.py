"""Resident memory of services as it looks over a soak: warm-up, garbage collection, noise, steps, and leaks."""

import bisect
import math
import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Habits:
    """From what to what a healthy service varies: shares of its level, times in seconds."""

    warm_up: tuple[float, float]
    warming: tuple[float, float]
    sawtooth: tuple[float, float]
    period: tuple[float, float]
    steps: int
    step: tuple[float, float]
    noise: tuple[float, float]


QUARTER_HOUR = Habits((0.05, 0.10), (60, 180), (0.02, 0.08), (20, 120), 2, (0.005, 0.02), (0.001, 0.005))
"""Of a soak of 15 minutes."""
NIGHT = Habits((0.05, 0.15), (300, 1800), (0.02, 0.08), (20, 600), 1, (0.02, 0.06), (0.001, 0.005))
"""Of a soak of 8 hours, with one plateau step."""


def trace(habits, duration, interval, seed, *, leak=0.0, stepped=None, late_step=0.0):
    """(seconds, bytes) readings; `leak` is the growth over the window, `late_step` one in its last tenth."""
    chance = random.Random(seed)
    between = chance.uniform
    warm_up, warming, noise = between(*habits.warm_up), between(*habits.warming), between(*habits.noise)
    height, period, phase = between(*habits.sawtooth), between(*habits.period), chance.random()
    count = chance.randint(0, habits.steps) if stepped is None else stepped
    at_steps = sorted(between(0, duration) for _ in range(count))
    levels = [0.0]
    for _ in range(count):
        levels.append(levels[-1] + between(*habits.step))
    late = between(0.9, 1.0) * duration

    def level(at):
        settled = 1 + warm_up * (1 - math.exp(-at / warming)) + levels[bisect.bisect(at_steps, at)]
        settled += leak * at / duration + (late_step if at >= late else 0.0)
        return settled * (1 + height * ((at / period + phase) % 1)) + chance.gauss(0, noise)

    start = chance.random() * interval
    return tuple((start + interval * i, 1e8 * level(start + interval * i)) for i in range(int(duration / interval)))
