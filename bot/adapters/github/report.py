"""The page beside the candidate: a check run, which only an App may write; one for each run, kept up to date."""

from functools import partial
from typing import Final

from github.Repository import Repository

from bot.adapters.github import rest
from bot.adapters.github.client import Client
from bot.adapters.github.ensure import Once
from bot.adapters.github.rest import Item, address
from bot.adapters.github.sizes import LONGEST_TITLE, line, same, summary
from bot.core.hosting import Light, Mark

NAME: Final = "promote/slo report"
"""Not the name of the status: a branch rule that demands that one must not wait for this."""

# An error is no verdict; neutral would count as success wherever the check is demanded.
_CONCLUSIONS: Final = {Light.SUCCESS: "success", Light.FAILURE: "failure", Light.ERROR: "failure"}


def show(client: Client, once: Once, mark: Mark) -> str | None:
    """Have the run's check run on that commit show the page; returns its address."""
    key = f"the report of run {mark.run_id} on {mark.sha[:12]}"
    wanted = _wanted(mark)
    path = f"/commits/{mark.sha}/check-runs"

    def find() -> Item | None:
        runs = rest.listed(client, path, "check_runs", check_name=NAME, filter="all")
        return next((run for run in runs if run.get("external_id") == mark.run_id), None)

    def create(repository: Repository) -> Item:
        return rest.sent(repository, "POST", "/check-runs", wanted | {"head_sha": mark.sha, "external_id": mark.run_id})

    found: Item = once.lately.made(key) or once.ensure(key, find, create)
    if not _shows(found, wanted):
        found = once.change(
            key, find, partial(_shows, wanted=wanted), partial(_update, number=found["id"], body=wanted)
        )
    return address(found)


def _update(repository: Repository, number: int, body: Item) -> Item:
    return rest.sent(repository, "PATCH", f"/check-runs/{number}", body)


def _wanted(mark: Mark) -> Item:
    conclusion = _CONCLUSIONS.get(mark.light)
    state = {"status": "completed", "conclusion": conclusion} if conclusion else {"status": "in_progress"}
    output = {"title": line(mark.title, LONGEST_TITLE), "summary": summary(mark.page)}
    return {"name": NAME, **state, "output": output} | ({"details_url": mark.url} if mark.url else {})


def _shows(run: Item, wanted: Item) -> bool:
    output: Item = run.get("output") or {}
    same_page = all(same(output.get(field), text) for field, text in wanted["output"].items())
    return same_page and all(run.get(field) == wanted.get(field) for field in ("status", "conclusion"))
