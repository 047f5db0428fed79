"""The client: questions asked again within bounds, writes sent once, and every answer taken for what it is (I10)."""

import json
from email.utils import format_datetime

import pytest
from github import GithubException
from support.canary import CANARY
from support.hostile import closed_port
from support.scripted import START, Broken, HandClock, Say, scripted

from bot import __version__
from bot.adapters.github.client import Client, Partial
from bot.adapters.github.failures import Rejected, Unsure
from bot.adapters.github.limits import Limits
from bot.adapters.github.login import TokenLogin
from bot.adapters.github.wire import Call, Wire
from bot.adapters.probes.bearer import Bearer
from bot.errors import BotError, Reason

SHA = "a" * 40
REPOSITORY = {"id": 7, "full_name": "acme/shop", "default_branch": "main"}
LIMITS = Limits(timeout=1.0)
HTML = Say(200, b"<html><body>Sign in to continue</body></html>", kind="text/html")
HALF = Say(200, b'{"id": 1, "na')
PRIMARY = Say(403, {"message": "API rate limit exceeded for installation ID 1."}, {"x-ratelimit-remaining": "0"})
SECONDARY = Say(
    403, {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
)
TOO_MANY = Say(429, {"message": "slow down"}, {"Retry-After": "3"})
PASSING = [
    Say(500),
    Say(502, b"<html>", kind="text/html"),
    Say(503),
    HTML,
    HALF,
    Say(200, b""),
    Broken.RESET,
    Broken.CUT,
]


@pytest.fixture
def hub():
    with scripted() as script:
        yield script


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def token(monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", CANARY)
    return TokenLogin(Bearer("SHOP_TOKEN"))


@pytest.fixture
def client(hub, clock, token):
    return Client(token, hub.api, "acme/shop", clock, LIMITS)


def default_branch(repository):
    return repository.default_branch


def comment(repository):
    return repository.requester.requestJsonAndCheck("POST", f"{repository.url}/issues/1/comments", input={"body": "x"})[
        1
    ]


def test_making_a_client_asks_nothing(client, hub):
    assert client.calls == 0
    assert hub.asked == []


def test_a_request_says_who_asks_in_which_version_of_the_api_and_with_which_token(client, hub):
    hub.say(Say(body=REPOSITORY))

    assert client.read(default_branch) == "main"

    (asked,) = hub.asked
    assert (asked.verb, asked.path) == ("GET", "/api/v3/repos/acme/shop")
    assert asked.headers["user-agent"] == f"promotion-bot/{__version__}"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["authorization"] == f"Bearer {CANARY}"
    assert client.calls == 1


@pytest.mark.parametrize("trouble", PASSING, ids=str)
def test_a_question_is_asked_again_after_whatever_passes(client, hub, clock, trouble):
    hub.say(trouble, trouble, Say(body=REPOSITORY))

    assert client.read(default_branch) == "main"
    assert clock.slept == [0.5, 1.0]
    assert client.calls == 3
    assert client.waited >= 1.5


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Say(502), Reason.HOST_FAILED),
        (HTML, Reason.HOST_FAILED),
        (HALF, Reason.HOST_FAILED),
        (Broken.RESET, Reason.HOST_UNREACHABLE),
        (TOO_MANY, Reason.HOST_LIMITED),
    ],
)
def test_what_does_not_pass_is_named_after_some_waiting_and_no_more(client, hub, clock, trouble, reason):
    hub.say(trouble)

    with pytest.raises(BotError) as failed:
        client.read(default_branch)

    assert failed.value.reason is reason
    assert not isinstance(failed.value, Unsure)
    assert len(hub.asked) <= LIMITS.attempts
    assert sum(clock.slept) <= LIMITS.patience


def test_nobody_there_is_told_apart(clock, token):
    lonely = Client(token, f"http://127.0.0.1:{closed_port()}/api/v3", "acme/shop", clock, LIMITS)

    with pytest.raises(BotError) as failed:
        lonely.read(default_branch)
    with pytest.raises(BotError) as unwritten:
        lonely.write(comment)

    assert failed.value.reason is unwritten.value.reason is Reason.HOST_UNREACHABLE
    assert not isinstance(unwritten.value, Unsure)


def test_an_answer_that_never_comes_is_given_up_on(hub, clock, token):
    hub.say(Broken.HANG)
    impatient = Client(token, hub.api, "acme/shop", clock, Limits(timeout=0.1, attempts=2))

    with pytest.raises(BotError, match="no complete answer within") as failed:
        impatient.read(default_branch)

    assert failed.value.reason is Reason.HOST_UNREACHABLE


def test_once_all_patience_is_lost_each_further_failure_is_quick(hub, clock, token):
    hub.say(Say(429, {}, {"Retry-After": "120"}), Say(503), Broken.HANG)
    client = Client(token, hub.api, "acme/shop", clock, Limits(timeout=4.0, patience=120.0))
    with pytest.raises(BotError):
        client.read(default_branch)

    with pytest.raises(BotError, match="within 1 s"):
        client.read(default_branch)


def test_the_patience_of_a_run_is_one_for_all_its_questions(hub, clock, token):
    hub.say(Say(503))
    client = Client(token, hub.api, "acme/shop", clock, Limits(patience=2.0))

    for _ in range(3):
        with pytest.raises(BotError):
            client.read(default_branch)

    assert sum(clock.slept) <= 2.0
    assert len(hub.asked) == 3 + 2 + 1


@pytest.mark.parametrize(
    ("refusal", "waited"),
    [
        (TOO_MANY, 3.0),
        (Say(403, {"message": "no"}, {"Retry-After": "7"}), 7.0),
        (Say(429, {}, {"Retry-After": format_datetime(START.replace(second=30), usegmt=True)}), 30.0),
        (SECONDARY, 60.0),
        (
            Say(
                403, PRIMARY.body, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(START.timestamp()) + 20)}
            ),
            21.0,
        ),
        (Say(200, {"errors": [{"type": "RATE_LIMITED", "message": "slow"}]}, {"Retry-After": "4"}), 4.0),
    ],
)
def test_a_limit_is_waited_out_as_long_as_the_host_says(client, hub, clock, refusal, waited):
    hub.say(refusal, Say(body=REPOSITORY))

    assert client.read(default_branch) == "main"
    assert clock.slept == [waited]


def test_the_hosts_own_time_counts_where_the_clock_here_is_wrong(client, hub, clock):
    reset = int(START.timestamp()) + 86_400 + 10
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}
    date = format_datetime(START.replace(day=22), usegmt=True)
    hub.say(Say(429, {}, headers, date=date), Say(body=REPOSITORY))

    client.read(default_branch)

    assert clock.slept == [11.0]


def test_a_limit_that_outlasts_the_patience_is_told_with_its_time(client, hub, clock):
    hub.say(Say(429, {}, {"Retry-After": "3600"}))

    with pytest.raises(BotError, match="3600 s") as failed:
        client.read(default_branch)

    assert failed.value.reason is Reason.HOST_LIMITED
    assert clock.slept == []


@pytest.mark.parametrize("trouble", [Say(500), Say(502), Say(503), HTML, HALF, Say(201, b""), Broken.RESET, Broken.CUT])
def test_a_write_whose_answer_is_no_answer_is_sent_once_and_left_unsure(client, hub, clock, trouble):
    hub.say(trouble)

    with pytest.raises(Unsure):
        client.write(comment)

    assert hub.verbs == ["POST"]
    assert clock.slept == []


def test_a_write_that_is_answered_too_late_is_unsure(hub, clock, token):
    hub.say(Broken.HANG)

    with pytest.raises(Unsure):
        Client(token, hub.api, "acme/shop", clock, Limits(timeout=0.1)).write(comment)

    assert hub.verbs == ["POST"]


@pytest.mark.parametrize("refusal", [PRIMARY, SECONDARY, TOO_MANY])
def test_a_write_that_was_refused_for_limits_is_sent_once_more(client, hub, clock, refusal):
    hub.say(refusal, Say(201, {"id": 3}))

    assert client.write(comment) == {"id": 3}
    assert hub.verbs == ["POST", "POST"]
    assert len(clock.slept) == 1


def test_a_write_that_is_refused_for_limits_twice_was_not_done(client, hub):
    hub.say(TOO_MANY)

    with pytest.raises(BotError) as failed:
        client.write(comment)

    assert failed.value.reason is Reason.HOST_LIMITED
    assert not isinstance(failed.value, Unsure)
    assert hub.verbs == ["POST", "POST"]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 422, 451])
def test_a_clear_no_is_a_no_and_nothing_else(client, hub, clock, status):
    body = {"message": "Validation Failed", "errors": [{"resource": "Release", "code": "already_exists"}]}
    hub.say(Say(status, body))

    with pytest.raises(Rejected, match="Validation Failed") as failed:
        client.write(comment)

    assert (failed.value.status, failed.value.reason) == (status, Reason.HOST_REFUSED)
    assert failed.value.codes == ("already_exists",)
    assert hub.verbs == ["POST"]
    assert clock.slept == []


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X-Accepted-GitHub-Permissions": "contents=write; workflows=write"}, "contents=write or workflows=write"),
        ({"X-Accepted-OAuth-Scopes": "repo"}, "with the scope repo"),
        ({"X-GitHub-SSO": "required; url=https://evil.example"}, "single sign-on"),
        ({"X-Accepted-GitHub-Permissions": "[x](https://evil.example)"}, "403"),
    ],
)
def test_a_missing_permission_is_named_where_the_host_tells_it(client, hub, headers, words):
    hub.say(Say(403, {"message": "Resource not accessible by integration"}, headers))

    with pytest.raises(Rejected) as failed:
        client.read(default_branch)

    assert words in failed.value.sentence
    assert "evil" not in failed.value.sentence


def test_nothing_of_what_a_server_says_commands_mentions_or_links(client, hub):
    hub.say(Say(422, {"message": "\x1b[31mfixes #1 @everyone [x](https://evil.example)\u202e" + "x" * 5000}))

    with pytest.raises(Rejected) as failed:
        client.write(comment)

    assert not set("\x1b#@[]\u202e") & set(failed.value.sentence)
    assert "evil.example" not in failed.value.sentence
    assert len(failed.value.sentence) < 300


def test_what_is_not_there_is_none_only_where_that_is_asked(client, hub):
    hub.say(Say(404, {"message": "Not Found"}))

    assert client.find(default_branch) is None
    with pytest.raises(Rejected, match="404"):
        client.read(default_branch)


def test_a_question_may_take_a_404_for_an_answer_itself(client, hub):
    hub.say(Say(404, {"message": "Not Found"}))

    def ask(repository):
        try:
            return repository.get_branch("none")
        except GithubException as error:
            return error.status

    assert client.read(ask) == 404


@pytest.mark.parametrize("body", [b"<html>not here</html>", b'["a"]', b'"gone"'])
def test_a_404_that_is_not_the_hosts_own_says_nothing_about_what_is_there(client, hub, body):
    hub.say(Say(404, body, kind="text/html"))

    with pytest.raises(BotError) as failed:
        client.find(default_branch)

    assert failed.value.reason is Reason.HOST_FAILED


def test_a_login_that_is_not_accepted_is_named(client, hub):
    hub.say(Say(401, {"message": "Bad credentials"}))

    for ask in (lambda: client.read(default_branch), lambda: client.write(comment)):
        with pytest.raises(BotError, match="Bad credentials") as failed:
            ask()
        assert failed.value.reason is Reason.BAD_CREDENTIALS
        assert not isinstance(failed.value, Unsure)
    assert hub.verbs == ["GET", "POST"]


def test_a_token_that_was_exchanged_meanwhile_is_used_at_once(client, hub, monkeypatch):
    class Exchange(list):
        def pop(self, index):
            monkeypatch.setenv("SHOP_TOKEN", "another-token")
            return super().pop(index)

    hub.answers = Exchange([Say(401, {"message": "Bad credentials"}), Say(201, {"id": 3})])

    assert client.write(comment) == {"id": 3}
    assert [asked.headers["authorization"] for asked in hub.asked] == [f"Bearer {CANARY}", "Bearer another-token"]


def test_a_read_never_writes(client, hub):
    with pytest.raises(RuntimeError, match="inside of a read"):
        client.read(comment)

    assert hub.asked == []


def test_a_question_within_a_write_is_asked_again(client, hub):
    hub.say(Say(503), Say(body=REPOSITORY), Say(201, {"id": 3}))

    made = client.write(lambda repository: (repository.default_branch, comment(repository)))

    assert made == ("main", {"id": 3})
    assert hub.verbs == ["GET", "GET", "POST"]


def test_whatever_goes_wrong_after_a_write_leaves_it_unsure(client, hub):
    hub.say(Say(201, {"id": 3}), Say(429, {}, {"Retry-After": "3600"}))

    with pytest.raises(Unsure):
        client.write(lambda repository: (comment(repository), repository.default_branch))


def test_an_object_that_a_question_found_writes_once_as_well(client, hub):
    release = {"id": 5, "url": f"{hub.api}/repos/acme/shop/releases/5", "tag_name": "t", "name": "n", "body": "b"}
    hub.say(Say(body=release), Say(502))
    found = client.read(lambda repository: repository.get_release(5).complete())

    with pytest.raises(Unsure):
        client.write(lambda _: found.update_release("n", "other"))

    assert hub.verbs.count("PATCH") == 1


def test_every_page_is_fetched_a_hundred_at_a_time_and_a_page_that_fails_is_asked_for_alone(client, hub):
    link = f'<{hub.api}/repos/acme/shop/branches?per_page=100&page=2>; rel="next"'
    hub.say(Say(body=[{"name": "a"}], headers={"Link": link}), Say(502), Say(body=[{"name": "b"}]))

    names = client.read(lambda repository: [branch.name for branch in repository.get_branches()])

    assert names == ["a", "b"]
    assert "per_page=100" in hub.paths[0]
    assert [("page=2" in path) for path in hub.paths] == [False, True, True]


def test_pages_without_end_come_to_one(hub, clock, token):
    link = f'<{hub.api}/repos/acme/shop/branches?page=2>; rel="next"'
    hub.say(Say(body=[{"name": "a"}], headers={"Link": link}))
    client = Client(token, hub.api, "acme/shop", clock, Limits(calls=5))

    with pytest.raises(BotError) as failed:
        client.read(lambda repository: list(repository.get_branches()))

    assert failed.value.reason is Reason.HOST_LIMITED
    assert len(hub.asked) == 5


def test_a_page_elsewhere_is_not_asked_for(client, hub):
    with scripted() as thief:
        hub.say(Say(body=[{"name": "a"}], headers={"Link": f'<{thief.api}/repos/x>; rel="next"'}))

        with pytest.raises(BotError) as failed:
            client.read(lambda repository: list(repository.get_branches()))

        assert failed.value.reason is Reason.HOST_FAILED
        assert thief.asked == []


def test_no_request_ever_leaves_for_another_origin(hub, clock, token):
    wire = Wire(hub.api, token, clock, LIMITS)
    with scripted() as thief:
        for url in (thief.api, hub.api.replace("127.0.0.1", "localhost"), hub.api.replace("http:", "https:")):
            with pytest.raises(BotError) as failed:
                wire.send(Call("GET", url, {}, None))
            assert failed.value.reason is Reason.HOST_FAILED

    assert thief.asked == hub.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_renamed_repository_is_followed_on_the_same_host(client, hub, status):
    hub.say(Say(status, {}, {"Location": f"{hub.api}/repositories/7"}), Say(body=REPOSITORY))

    assert client.read(default_branch) == "main"
    assert hub.paths == ["/api/v3/repos/acme/shop", "/api/v3/repositories/7"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed(client, hub, status):
    with scripted() as thief:
        hub.say(Say(status, {}, {"Location": f"{thief.api}/repos/acme/shop"}))

        with pytest.raises(BotError) as failed:
            client.read(default_branch)
        with pytest.raises(BotError) as unwritten:
            client.write(comment)

        assert failed.value.reason is unwritten.value.reason is Reason.HOST_FAILED
        assert not isinstance(unwritten.value, Unsure)
        assert thief.asked == []


def test_redirects_in_a_circle_end(client, hub):
    hub.say(Say(301, {}, {"Location": f"{hub.api}/repos/acme/shop"}))

    with pytest.raises(BotError):
        client.read(default_branch)

    assert len(hub.asked) == 3


def test_a_write_keeps_its_verb_and_body_where_it_is_sent_on(client, hub):
    hub.say(Say(307, {}, {"Location": f"{hub.api}/repositories/7/issues/1/comments"}), Say(201, {"id": 3}))

    assert client.write(comment) == {"id": 3}
    assert hub.asked[1].verb == "POST"
    assert hub.asked[1].document == {"body": "x"}


def test_never_more_than_eighty_writes_a_minute(client, hub, clock):
    hub.say(Say(201, {"id": 3}))
    limited = Client(client.login, hub.api, "acme/shop", clock, Limits(writes_a_minute=5))

    for _ in range(11):
        limited.write(comment)

    assert clock.slept == [60.0, 60.0]
    assert Limits().writes_a_minute == 80


def test_an_upload_carries_its_bytes_and_closes_its_file(client, hub, tmp_path):
    file = tmp_path / "report.html"
    file.write_bytes(b"<html>\xff report")
    url = f"{hub.api}/repos/acme/shop/releases/5/assets"
    hub.say(Say(502))

    def upload(repository):
        return repository.requester.requestBlobAndCheck(
            "POST", url, {"name": "r"}, {"Content-Type": "text/html"}, str(file)
        )

    with pytest.raises(Unsure):
        client.write(upload)

    assert hub.asked[0].body == file.read_bytes()
    assert hub.asked[0].headers["content-type"] == "text/html"


QUERY = "query($name: String!) { repository(owner: $name, name: $name) { id } }"


def test_a_graphql_query_goes_to_the_address_of_enterprise_and_is_asked_again(client, hub):
    hub.say(
        Say(502),
        Say(200, {"errors": [{"message": "Something went wrong while executing your query."}]}),
        Say(body={"data": {"a": 1}}),
    )

    assert client.graphql(QUERY, {"name": "x"}) == {"a": 1}
    assert {(asked.verb, asked.path) for asked in hub.asked} == {("POST", "/api/graphql")}
    assert hub.asked[0].document == {"query": QUERY, "variables": {"name": "x"}}


def test_a_graphql_error_is_an_error_even_beside_data(client, hub):
    errors = [{"type": "NOT_FOUND", "message": "Could not resolve"}, {"type": "FORBIDDEN", "message": "no"}]
    hub.say(Say(body={"data": {"a": 1, "b": None}, "errors": errors}))

    with pytest.raises(Rejected, match="Could not resolve") as failed:
        client.graphql(QUERY, {})

    assert failed.value.codes == ("NOT_FOUND", "FORBIDDEN")
    assert client.graphql(QUERY, {}, Partial.KEEP) == {"a": 1, "b": None}


@pytest.mark.parametrize("body", [{}, {"data": None}, [], "x", {"data": []}])
def test_a_graphql_answer_without_data_is_no_answer(client, hub, body):
    hub.say(Say(body=body))

    with pytest.raises(BotError) as failed:
        client.graphql(QUERY, {})

    assert failed.value.reason is Reason.HOST_FAILED


def test_a_mutation_is_a_write(client, hub):
    hub.say(Say(502))

    with pytest.raises(Unsure):
        client.write(
            lambda repository: repository.requester.graphql_named_mutation("updateRefs", {"a": 1}, "clientMutationId")
        )

    assert hub.verbs == ["POST"]


def test_the_errors_of_a_mutation_are_a_no(client, hub):
    hub.say(Say(body={"data": None, "errors": [{"type": "UNPROCESSABLE", "message": "A ref was not as expected"}]}))

    with pytest.raises(Rejected, match="A ref was not as expected") as failed:
        client.write(
            lambda repository: repository.requester.graphql_named_mutation("updateRefs", {}, "clientMutationId")
        )

    assert failed.value.codes == ("UNPROCESSABLE",)


MUTATION = "mutation($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }"


def test_a_mutation_is_sent_once_and_says_what_it_did(client, hub):
    hub.say(Say(body={"data": {"updateRefs": {"clientMutationId": None}}}), Say(502))

    assert client.mutate(MUTATION, {"input": {}}) == {"updateRefs": {"clientMutationId": None}}
    with pytest.raises(Unsure):
        client.mutate(MUTATION, {"input": {}})

    assert hub.verbs == ["POST", "POST"]
    assert hub.asked[0].document == {"query": MUTATION, "variables": {"input": {}}}


def test_a_mutation_that_is_refused_is_a_no_with_all_of_its_words(client, hub):
    errors = [{"type": "STALE_DATA", "message": "Expected refs/heads/main"}, {"message": "and\nmore"}]
    hub.say(Say(body={"data": {"updateRefs": None}, "errors": errors}))

    with pytest.raises(Rejected) as failed:
        client.mutate(MUTATION, {})

    assert failed.value.codes == ("STALE_DATA",)
    assert failed.value.words == "Expected refs/heads/main\nand\nmore"


@pytest.mark.parametrize("errors", [[], [{"type": "X", "message": "no"}]])
def test_a_mutation_that_is_said_to_be_done_and_wrong_is_unsure(client, hub, errors):
    hub.say(Say(body={"data": {"updateRefs": {}}, "errors": errors}))

    with pytest.raises(Unsure):
        client.mutate(MUTATION, {})


def test_a_document_below_the_repository(client, hub):
    hub.say(Say(body=[{"type": "deletion"}]))

    assert client.get("/rules/branches/main", {"per_page": 100}) == [{"type": "deletion"}]
    assert hub.paths == ["/api/v3/repos/acme/shop/rules/branches/main?per_page=100"]


@pytest.mark.parametrize("body", ["x", 3, True, {"id": "no number", "default_branch": {}}, {"default_branch": 5}])
def test_an_answer_of_another_shape_is_a_failure_of_the_host_and_no_crash(client, hub, body):
    hub.say(
        Say(
            body=body,
            headers={"x-ratelimit-limit": "many", "x-ratelimit-remaining": "0.5", "x-ratelimit-reset": "never"},
        )
    )

    with pytest.raises(BotError) as failed:
        client.read(default_branch)

    assert failed.value.reason is Reason.HOST_FAILED


def test_a_server_that_repeats_the_token_does_not_get_it_into_our_words(client, hub, caplog):
    caplog.set_level("DEBUG")
    caplog.set_level("DEBUG", logger="github")
    hub.say(Say(403, {"message": f"no access for {CANARY}"}))

    with pytest.raises(Rejected) as failed:
        client.read(default_branch)

    assert CANARY not in failed.value.sentence
    assert CANARY not in caplog.text
    assert failed.value.__context__ is None


def test_no_exception_on_the_way_holds_the_token(client, hub):
    for answer in (Say(401, {"message": "Bad credentials"}), Say(422, {"message": "no"}), Say(500), HTML, Broken.RESET):
        for call in (lambda: client.read(default_branch), lambda: client.write(comment)):
            hub.say(answer)
            with pytest.raises(BotError) as failed:
                call()
            error = failed.value
            while error is not None:
                assert CANARY not in f"{error!r} {error.args} {vars(error)}"
                error = error.__cause__ or error.__context__


def test_a_proxy_sees_nothing_of_what_stays_on_this_machine(client, hub, monkeypatch):
    with scripted() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        hub.say(Say(body=REPOSITORY))

        assert client.read(default_branch) == "main"
        assert proxy.asked == []


def test_the_way_to_another_machine_leads_through_the_environments_proxy(clock, token, monkeypatch):
    with scripted() as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        away = Client(token, "https://github.example/api/v3", "acme/shop", clock, Limits(timeout=2.0, attempts=1))

        with pytest.raises(BotError) as failed:
            away.read(default_branch)

    assert failed.value.reason is Reason.HOST_UNREACHABLE
    assert proxy.asked == [] or all(CANARY not in json.dumps(asked.headers) for asked in proxy.asked)
