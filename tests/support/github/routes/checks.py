"""Check runs: only an App makes them, and only that App changes them."""

from support.github.answers import Answer, Json, Refused, invalid, no_longer_than, not_found, unprocessable
from support.github.gitdata import FULL_ID, kind_of
from support.github.pages import paged
from support.github.routes.commits import commit_named
from support.github.routing import Ask, body_of, route
from support.github.shapes import pick, stamp
from support.github.world import find

_LONGEST = 65_535
_CHANGED = ("name", "details_url", "external_id", "status", "started_at", "conclusion", "completed_at")


def _only_for_apps(ask: Ask) -> None:
    if ask.who.app_id is None:
        raise Refused(403, "You must authenticate via a GitHub App.")


@route("POST /repos/{owner}/{repo}/check-runs", "checks=write")
def create(ask: Ask) -> Answer:
    _only_for_apps(ask)
    body = body_of(ask)
    sha = body["head_sha"]
    if not FULL_ID.fullmatch(sha) or kind_of(ask.hub.remote, sha) != "commit":
        raise unprocessable(f"No commit found for SHA: {sha}")
    run = ask.hub.new_check_run(sha, body["name"], ask.who.app_id)
    _apply(ask, run, body)
    ask.world.check_runs.append(run)
    return Answer(201, run, {"Location": run["url"]})


@route("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", "checks=write")
def update(ask: Ask) -> Answer:
    _only_for_apps(ask)
    run = _find(ask)
    if run["app"]["id"] != ask.who.app_id:
        raise Refused(403, f"Invalid app_id `{ask.who.app_id}` - check run can only be modified by the GitHub App "
                      "that created it.")  # fmt: skip
    _apply(ask, run, body_of(ask))
    return Answer(200, run)


def _find(ask: Ask) -> Json:
    run = find(ask.world.check_runs, id=ask.path["check_run_id"])
    if run is None:
        raise not_found()
    return run


def _apply(ask: Ask, run: Json, body: Json) -> None:
    _check(run | pick(body, "status", "conclusion"), body)
    run.update(pick(body, *_CHANGED))
    if body.get("conclusion"):
        run["status"] = "completed"
        run["completed_at"] = body.get("completed_at") or stamp(ask.hub.now())
    elif run["status"] != "completed":
        run["conclusion"] = run["completed_at"] = None
    if run["status"] != "queued":
        run["started_at"] = run["started_at"] or stamp(ask.hub.now())
    output = body.get("output")
    if output:
        run["output"] |= pick(output, "title", "summary", "text")
        run["output"]["annotations_count"] += len(output.get("annotations", ()))


def _check(result: Json, body: Json) -> None:
    if result["status"] == "completed" and not result["conclusion"]:
        raise invalid("CheckRun", "conclusion", "missing_field")
    output = body.get("output") or {}
    if output and "summary" not in output:
        raise unprocessable('Invalid request.\n\n"summary" wasn\'t supplied.')
    for name in ("summary", "text"):
        no_longer_than(_LONGEST, "CheckRun", name, output.get(name))


@route("GET /repos/{owner}/{repo}/check-runs/{check_run_id}", "checks=read")
def one(ask: Ask) -> Answer:
    return Answer(200, _find(ask))


@route("GET /repos/{owner}/{repo}/commits/{ref}/check-runs", "checks=read")
def listed(ask: Ask) -> Answer:
    sha = commit_named(ask, ask.path["ref"])
    runs = [one for one in reversed(ask.world.check_runs) if one["head_sha"] == sha and _is_wanted(ask, one)]
    if ask.query.get("filter", "latest") == "latest":
        runs = _latest(runs)
    path = f"/repos/{ask.hub.full_name}/commits/{ask.path['ref']}/check-runs"
    return paged(ask, path, runs, lambda page: {"total_count": len(runs), "check_runs": page})


def _is_wanted(ask: Ask, run: Json) -> bool:
    asked = {"name": ask.query.get("check_name"), "status": ask.query.get("status")}
    app = ask.query.get("app_id")
    return all(value in (None, run[key]) for key, value in asked.items()) and app in (None, str(run["app"]["id"]))


def _latest(runs: list[Json]) -> list[Json]:
    """The newest of each name within its suite: an App's runs on one commit are one suite."""
    newest: dict[tuple[int, str], Json] = {}
    for run in runs:
        newest.setdefault((run["check_suite"]["id"], run["name"]), run)
    return list(newest.values())
