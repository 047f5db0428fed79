from dataclasses import replace

import pytest
from support.evidence import below, load_plan

from bot.core.loadplan import (
    ClosedModel,
    GeneratorLimits,
    Objective,
    OpenModel,
    ScenarioKind,
    Spacing,
    Stretch,
    Workers,
)
from bot.core.profile import profile

PLAN = replace(load_plan(), options={"payload": "1KiB", "tries": 3})


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "load-2k"},
        {"kind": ScenarioKind.SOAK},
        {"duration": 121.0},
        {"warmup": 0.0},
        {"locustfile": "/loadtests/other.py"},
        {"options": {"payload": "64KiB", "tries": 3}},
        {"tags": ("read",)},
        {"exclude_tags": ("read",)},
        {"config_users": ({"user_class_name": "Reader", "weight": 2},)},
        {"model": ClosedModel(200)},
        {"model": OpenModel(500.0, 500)},
        {"model": OpenModel(1000.0, 500, course=(Stretch(60, 500, 1000),))},
        {"model": OpenModel(1000.0, 500, spacing=Spacing.POISSON)},
        {"model": OpenModel(1000.0, 500, seed=7)},
        {"model": OpenModel(1000.0, 500, mix=(("read", 1.0),))},
    ],
    ids="-".join,
)
def test_another_load_is_another_profile(changed):
    assert profile(replace(PLAN, **changed)) != profile(PLAN)


@pytest.mark.parametrize(
    "changed",
    [
        {"objectives": (Objective("p95", below(0.5)),)},
        {"locustfile": "/opt/elsewhere/payload.py"},
        {"locustfile": "C:\\bot\\payload.py"},
        {"workers": Workers(local=4)},
        {"generator": GeneratorLimits(cpu=0.5)},
        {"extend": 0.5},
        {"abort": False},
        {"model": OpenModel(1000.0, 700)},
        {"duration": 120},
        {"options": {"tries": 3.0, "payload": "1KiB"}},
    ],
    ids="-".join,
)
def test_what_is_demanded_and_who_sends_it_is_no_part_of_it(changed):
    assert profile(replace(PLAN, **changed)) == profile(PLAN)


def test_it_is_the_same_in_every_version_until_somebody_means_to_forget_all_baselines():
    assert profile(PLAN) == "0f5a100ca984b3329f09fc36868b646c49103e9612e7ee2325ae1b021f65276f"
