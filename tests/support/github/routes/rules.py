"""Rulesets, the rules that they make for a branch, and classic branch protection."""

from support.github import enforcement, shapes
from support.github.answers import Answer, Json, Refused, not_found
from support.github.pages import paged
from support.github.routing import Ask, body_of, route
from support.github.world import find

_LIST = "/repos/{owner}/{repo}/rulesets"


@route("GET /repos/{owner}/{repo}/rules/branches/{branch}", "metadata=read")
def for_branch(ask: Ask) -> Answer:
    """Whoever may read sees every active rule, not who may pass it."""
    found = enforcement.effective(ask.hub, ask.world, f"refs/heads/{ask.path['branch']}")
    rules = [
        rule
        | {
            "ruleset_source_type": "Repository",
            "ruleset_source": ask.hub.full_name,
            "ruleset_id": ruleset["id"],
        }
        for ruleset, rule in found
    ]
    return paged(ask, f"/repos/{ask.hub.full_name}/rules/branches/{ask.path['branch']}", rules)


@route(f"GET {_LIST}", "metadata=read")
def listed(ask: Ask) -> Answer:
    names = ("id", "name", "target", "source_type", "source", "enforcement", "node_id", "created_at", "updated_at")
    found = [shapes.pick(one, *names, "_links") for one in ask.world.rulesets]
    return paged(ask, f"/repos/{ask.hub.full_name}/rulesets", found)


def _find(ask: Ask) -> Json:
    ruleset = find(ask.world.rulesets, id=ask.path["ruleset_id"])
    if ruleset is None:
        raise not_found()
    return ruleset


def _shown(ask: Ask, ruleset: Json) -> Json:
    """Only who may change it sees who is let past."""
    passes = "always" if enforcement.may_bypass(ruleset, ask.who) else "never"
    hidden = () if ask.who.may("administration=write") else ("bypass_actors",)
    return {key: value for key, value in ruleset.items() if key not in hidden} | {"current_user_can_bypass": passes}


@route(f"GET {_LIST}/{{ruleset_id}}", "metadata=read")
def one(ask: Ask) -> Answer:
    return Answer(200, _shown(ask, _find(ask)))


@route(f"POST {_LIST}", "administration=write")
def create(ask: Ask) -> Answer:
    body = body_of(ask)
    if find(ask.world.rulesets, name=body["name"]):
        raise Refused(422, "Validation Failed", errors=["Name must be unique"])
    ruleset = ask.hub.new_ruleset(body)
    ask.world.rulesets.append(ruleset)
    return Answer(201, _shown(ask, ruleset))


@route(f"PUT {_LIST}/{{ruleset_id}}", "administration=write")
def replace(ask: Ask) -> Answer:
    ruleset = _find(ask)
    names = ("name", "target", "enforcement", "bypass_actors", "conditions", "rules")
    ruleset |= shapes.pick(body_of(ask), *names) | {"updated_at": shapes.stamp(ask.hub.now())}
    return Answer(200, _shown(ask, ruleset))


@route(f"DELETE {_LIST}/{{ruleset_id}}", "administration=write")
def delete(ask: Ask) -> Answer:
    ask.world.rulesets.remove(_find(ask))
    return Answer(204)


@route("GET /repos/{owner}/{repo}/branches/{branch}/protection", "administration=read")
def protection(ask: Ask) -> Answer:
    branch = ask.path["branch"]
    if f"refs/heads/{branch}" not in ask.refs():
        raise Refused(404, "Branch not found")
    found = ask.world.protections.get(branch)
    if found is None:
        raise Refused(404, "Branch not protected")
    return Answer(200, found)
