"""Puts the parts of one run together once Locust is ready; called by its `init` event, before any user exists."""

import logging
from typing import Any

import gevent

from loadtests.arrivals import OpenTurns
from loadtests.closed import ClosedTurns
from loadtests.conductor import Conductor
from loadtests.connections import look_without_waiting
from loadtests.listener import Listener, NoArrivals, Window
from loadtests.models import ClosedModel, OpenModel
from loadtests.outputs import Outputs
from loadtests.plan import Plan
from loadtests.population import Population
from loadtests.recorder import Recorder
from loadtests.schedule import constant
from loadtests.tasks import InFlight, ignore_wait_time, take_turns, tell_of_leaving

_log = logging.getLogger(__name__)


def wire(environment: Any, plan: Plan, outputs: Outputs) -> None:
    """Connect model, listener and conductor with Locust, and set the conductor going."""
    _drop_shape(environment)
    recorder = outputs.recorder
    window = Window(plan.duration)
    look_without_waiting()
    in_flight = InFlight()
    in_flight.watch()
    model: OpenModel | ClosedModel
    parts = (environment.runner, recorder, window, in_flight)
    if plan.rate is None:
        closed = ClosedTurns()
        take_turns(closed)
        model = ClosedModel(closed, *parts)
        listener = Listener(recorder, window, NoArrivals())
    else:
        turns = _open_turns(environment.runner, recorder, plan, plan.rate)
        population = Population(environment.runner, turns.forget)
        tell_of_leaving(population.left)
        model = OpenModel(turns, population, *parts)
        listener = Listener(recorder, window, turns)
    conductor = Conductor(plan, recorder, outputs.report, window, model)
    environment.events.request.add_listener(listener.on_request)
    environment.events.user_error.add_listener(listener.on_user_error)
    environment.events.spawning_complete.add_listener(model.on_spawned)
    environment.events.quitting.add_listener(conductor.cut_short)
    gevent.spawn(conductor.conduct, environment.runner.quit, outputs.log.begin)


def _open_turns(runner: Any, recorder: Recorder, plan: Plan, rate: float) -> OpenTurns:
    weights = {kind: float(kind.fixed_count or kind.weight) for kind in runner.user_classes}
    turns = OpenTurns(recorder, weights, constant(rate, plan.warmup, plan.duration))
    ignore_wait_time(turns)
    take_turns(turns)
    return turns


def _drop_shape(environment: Any) -> None:
    """A shape of the load file's own would contradict the plan."""
    if environment.shape_class is not None:
        _log.warning("The LoadTestShape of the load file is ignored: the plan says how much load there is.")
        environment.shape_class = None
