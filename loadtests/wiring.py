"""Puts the parts of one run together once Locust is ready; called by its `init` event, before any user exists."""

from typing import Any

from loadtests.arrivals import OpenTurns
from loadtests.casting import cast, drop_shape, follow_shape, keep_tagged
from loadtests.closed import ClosedTurns
from loadtests.conductor import Conductor
from loadtests.connections import look_without_waiting
from loadtests.economy import economize
from loadtests.health import Health
from loadtests.listener import Listener, Window
from loadtests.models import ClosedModel, OpenModel
from loadtests.outputs import Sink
from loadtests.parts import Start
from loadtests.performers import Performers
from loadtests.plan import Plan
from loadtests.population import Population
from loadtests.recorder import Recorder
from loadtests.schedule import EVERYTHING, Schedule, Share, Timetable
from loadtests.shapes import Shape
from loadtests.tasks import InFlight, ignore_wait_time, take_turns, tell_of_leaving


def wire(
    environment: Any,
    plan: Plan,
    recorder: Recorder,
    sink: Sink,
    share: Share = EVERYTHING,
    *,
    start: Start | None = None,
) -> Conductor:
    """Connect model, listener and conductor with Locust; the conductor is still to be set going.

    `share` is what this process takes of the arrivals, `start` decides when it begins (None: it does itself). Raises
    LoadFileError.
    """
    window = Window(plan.duration)
    look_without_waiting()
    economize(environment)
    in_flight = InFlight(window.holds)
    in_flight.watch()
    keep_tagged(environment, plan)
    model: OpenModel | ClosedModel
    parts = (environment.runner, recorder, window, in_flight)
    if plan.model is None:
        closed = ClosedTurns()
        take_turns(closed)
        model = ClosedModel(closed, follow_shape(environment, plan), *parts)
        listener = Listener(recorder, window, closed, in_flight)
    else:
        drop_shape(environment)
        turns = _open_turns(environment, recorder, plan, share)
        population = Population(environment.runner, turns.forget)
        tell_of_leaving(population.left)
        model = OpenModel(turns, population, *parts)
        listener = Listener(recorder, window, turns, in_flight)
    conductor = Conductor(plan, recorder, sink, window, model, start=start, health=Health())
    environment.events.request.add_listener(listener.on_request)
    environment.events.user_error.add_listener(listener.on_user_error)
    environment.events.spawning_complete.add_listener(model.on_spawned)
    environment.events.quitting.add_listener(conductor.cut_short)
    return conductor


def wire_master(environment: Any, plan: Plan) -> Shape | None:
    """Have the master hand out the users that its workers know; what shape decides how many, if any does.

    Raises LoadFileError.
    """
    economize(environment)
    keep_tagged(environment, plan)
    if plan.model is None:
        return follow_shape(environment, plan)
    drop_shape(environment)
    cast(environment, plan.model.mix)
    return None


def _open_turns(environment: Any, recorder: Recorder, plan: Plan, share: Share) -> OpenTurns:
    assert plan.model is not None  # noqa: S101 - the caller has looked
    times = Timetable(plan.model, plan.warmup, plan.duration)
    weights = cast(environment, plan.model.mix)
    turns = OpenTurns(recorder, environment.user_classes, Schedule(times, weights, share))
    if plan.model.mix:
        Performers(weights, turns.errand).hire()
    ignore_wait_time(turns)
    take_turns(turns)
    return turns
