"""The App: itself, its installation here, and the tokens of that."""

from support.github import access, shapes
from support.github.access import TokenKind
from support.github.answers import Answer, Json, not_found, unprocessable
from support.github.pages import paged
from support.github.routing import Ask, body_of, route


@route("GET /app")
def app(ask: Ask) -> Answer:
    return Answer(200, shapes.integration(ask.hub, ask.hub.app_slug, ask.hub.app_id) | {"installations_count": 1})


@route("GET /repos/{owner}/{repo}/installation")
def installation(ask: Ask) -> Answer:
    if not ask.hub.app_is_installed:
        raise not_found()
    return Answer(200, _installation(ask))


@route("GET /app/installations")
def installations(ask: Ask) -> Answer:
    return paged(ask, "/app/installations", [_installation(ask)] if ask.hub.app_is_installed else [])


def _checked(ask: Ask) -> None:
    if not ask.hub.app_is_installed or ask.path["installation_id"] != ask.hub.installation_id:
        raise not_found()


@route("GET /app/installations/{installation_id}")
def installation_by_id(ask: Ask) -> Answer:
    _checked(ask)
    return Answer(200, _installation(ask))


def _installation(ask: Ask) -> Json:
    hub = ask.hub
    url = f"{hub.api_url}/app/installations/{hub.installation_id}"
    return {
        "id": hub.installation_id,
        "account": shapes.user(hub, hub.owner),
        "repository_selection": "selected",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{hub.api_url}/installation/repositories",
        "html_url": f"{hub.web_url}/settings/installations/{hub.installation_id}",
        "app_id": hub.app_id,
        "app_slug": hub.app_slug,
        "target_id": shapes.user(hub, hub.owner)["id"],
        "target_type": "Organization",
        "permissions": dict(hub.app_permissions),
        "events": [],
        "single_file_name": None,
        **dict.fromkeys(("created_at", "updated_at"), shapes.BEGINNING),
        **dict.fromkeys(("suspended_at", "suspended_by")),
    }


@route("POST /app/installations/{installation_id}/access_tokens")
def access_token(ask: Ask) -> Answer:
    _checked(ask)
    hub, body = ask.hub, body_of(ask)
    asked = body.get("permissions") or hub.app_permissions
    names = [name.lower() for name in body.get("repositories", (hub.name,))]
    if names != [hub.name.lower()] or body.get("repository_ids", [hub.repo_id]) != [hub.repo_id]:
        raise unprocessable("There is at least one repository that does not exist or is not accessible to the parent "
                            "installation.")  # fmt: skip
    granted = access.Token("", TokenKind.INSTALLATION, "", dict(hub.app_permissions))
    if not all(granted.may(f"{name}={level}") for name, level in asked.items()):
        raise unprocessable("The permissions requested are not granted to this installation.")
    permissions = {"metadata": "read", **asked}
    token = hub.access.add(TokenKind.INSTALLATION, permissions, lasts=access.HOUR)
    expires = shapes.stamp(hub.now() + access.HOUR)
    selection = {"repository_selection": "selected", "permissions": permissions}
    return Answer(201, {"token": token, "expires_at": expires, **selection})


@route("GET /installation/repositories", "metadata=read")
def repositories(ask: Ask) -> Answer:
    found = [shapes.repository(ask.hub, may_push=ask.who.may("contents=write"), is_admin=False)]
    wrap = {"total_count": 1, "repository_selection": "selected"}
    return paged(ask, "/installation/repositories", found, lambda page: wrap | {"repositories": page})
