"""The judge of what a host heard, judged: whatever it misses, shows wrongly or was told too often is seen."""

import json
import shutil

import pytest
from support.hearing import heard_wrongly, on_host
from support.stories import Silence, new_shop, nightly


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory):
    """Two promotions of which a host was told; nobody may change it."""
    folder = tmp_path_factory.mktemp("told")
    shop = new_shop(folder)
    for night in ("2026-11-20", "2026-11-21"):
        assert nightly(shop, Silence(), on_host(shop), slot=night).outcome == "promoted"
        shop.remote.commit("staging", f"feat: after {night}")
    shop.history.close()
    return folder


@pytest.fixture
def world(two_nights, tmp_path):
    """The same, to be damaged."""
    return shutil.copytree(two_nights, tmp_path / "world", symlinks=True)


def after(world, damage):
    """What is wrong once the host's state is damaged so."""
    file = world / "host.json"
    state = json.loads(file.read_text())
    damage(state)
    file.write_text(json.dumps(state))
    return " | ".join(heard_wrongly(world, 0))


def newest(state, what):
    return max(name for name in state["asked"] if name.startswith(what))


def test_what_bots_said_is_what_the_ledger_holds(world):
    assert [*heard_wrongly(world, 0)] == []


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda state: state["releases"].popitem(), "the host shows the releases"),
        (lambda state: state["deployments"].pop(), "the host shows the deployments"),
        (lambda state: state["deployments"].append(state["deployments"][0]), "the host shows the deployments"),
        (lambda state: state.update(latest=min(state["releases"])), "the latest release"),
        (lambda state: next(iter(state["statuses"].values())).append(["pending", "x"]), "stays pending"),
        (
            lambda state: state["issues"].append({"branch": "main", "open": True}),
            "open are issues about ('main',), not ()",
        ),
        (lambda state: state["asked"].update({newest(state, "release"): 2}), "said 2 times"),
        (lambda state: state["asked"].update({newest(state, "status"): 4}), "said 4 times"),
    ],
)
def test_whatever_is_missing_wrong_or_said_too_often_is_seen(world, damage, words):
    assert words in after(world, damage)


def test_a_crash_may_have_a_thing_said_once_more(world):
    after(world, lambda state: state["asked"].update({newest(state, "release"): 2}))
    assert [*heard_wrongly(world, 1)] == []
