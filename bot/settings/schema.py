"""The configuration as values: every section with its keys, defaults and meaning. Durations in seconds, paths absolute.

The attributes are named as the keys of the file. Descriptions and examples feed config/README.md and the JSON Schema.
"""

from typing import Annotated, Any, Final

from pydantic import Field

from bot.settings import kinds, probekinds
from bot.settings.addresses import join
from bot.settings.arrivals import Arrivals
from bot.settings.gate import Baseline, Gate
from bot.settings.generator import Generator
from bot.settings.host import Host
from bot.settings.hotfix import Hotfix
from bot.settings.notes import Notes
from bot.settings.probes import CommandProbe, HttpProbe, Probe, ProcessProbe, PrometheusProbe
from bot.settings.scenario import Scenario
from bot.settings.slo import EndpointSlo, Slo
from bot.settings.table import Table
from bot.settings.transport import CACHE, TRANSPORT, USERNAME

_LATE: Final = kinds.duration("1m", "24h")

Branch = Annotated[str, kinds.BRANCH]


class Repository(Table):
    """The git repository whose branches are promoted."""

    remote: Annotated[str, kinds.REMOTE] = Field(
        description="The remote that holds both branches. A relative path counts from the working directory.",
        examples=["https://github.com/acme/shop.git"],
    )
    source: Branch = Field("staging", description="The branch that is tested.", examples=["develop"])
    target: Branch = Field("main", description="The branch that is fast-forwarded.", examples=["production"])
    tag_prefix: Annotated[str, kinds.TAG_PREFIX] = Field(
        "release/",
        description="What a release tag begins with; the UTC time follows as YYYYMMDD-HHMMSS.",
        examples=["release/"],
    )
    token_env: Annotated[str | None, probekinds.VARIABLE] = Field(
        None,
        description="The environment variable that holds a token for an https remote; no process that the bot starts "
        "gets to see it.",
        examples=["PROMOTION_TOKEN"],
    )
    token_file: Annotated[str | None, kinds.PATH] = Field(
        None,
        description="A file that holds that token, for the bot alone to read (mode 0600); read for each git process "
        "anew, so that it may change during a night.",
        examples=["/run/secrets/promotion-token"],
    )
    username: Annotated[str | None, USERNAME] = Field(
        None, description="The name that goes with the token; `x-access-token` where none is set.", examples=["oauth2"]
    )
    ssh_key_file: Annotated[str | None, kinds.PATH] = Field(
        None,
        description="The private key for an ssh remote, and no other is tried; without it ssh chooses by itself.",
        examples=["/etc/promotion/deploy_key"],
    )
    known_hosts_file: Annotated[str | None, kinds.PATH] = Field(
        None,
        description="The host keys that an ssh remote may have; without it those of the account that the bot runs as.",
        examples=["/etc/promotion/known_hosts"],
    )
    transport: Annotated[str, TRANSPORT] = Field(
        "git",
        description="How refs are written: by a git push, or through the host's API (GitHub: objects, then one "
        "`updateRefs`), with the same leases. Where GitHub takes no annotated tag in it, that follows in a request of "
        "its own. Reading is git's in both.",
        examples=["api"],
    )
    cache: Annotated[str, CACHE] = Field(
        "full",
        description="What a new cache holds: all of the repository, or all but the contents of files, which are "
        "fetched where a merge needs them. A server that cannot do that gives all. An existing cache stays as it is.",
        examples=["blobless"],
    )
    signing_key: Annotated[str | None, kinds.SIGNING_KEY] = Field(
        None,
        description="What release tags are signed with. It must need no passphrase, or an agent must hold it.",
        examples=["/etc/promotion/signing_key"],
    )
    allowed_signers: Annotated[str | None, kinds.PATH] = Field(
        None,
        description="Whose SSH signatures count (see ssh-keygen(1), ALLOWED SIGNERS). Default: `signing_key` alone.",
        examples=["/etc/promotion/allowed_signers"],
    )


class Staging(Table):
    """The service under test."""

    url: Annotated[str, kinds.BASE_URL] = Field(
        description="Where the service answers; the load is aimed at it.", examples=["https://staging.acme.example"]
    )
    version_url: Annotated[str | None, kinds.PATH_OR_URL] = Field(
        None,
        description="A JSON page that proves which commit runs there. Without it the report says that nothing does.",
        examples=["/version"],
    )
    version_key: Annotated[str, kinds.KEY_PATH] = Field(
        "sha", description="Where in that JSON the commit id stands.", examples=["build.commit"]
    )
    allow_hosts: Annotated[tuple[str, ...], kinds.HOSTS] = Field(
        (),
        description="Further hosts that the load may connect to. The host of `url` always is; all others are refused.",
        examples=[["cdn.acme.example:443"]],
    )

    def address(self, url: str) -> str:
        """A path under the service's URL, or an absolute URL, as an absolute URL."""
        return join(self.url, url)

    @property
    def version_address(self) -> str | None:
        """The absolute URL of the version page, None where there is none."""
        return None if self.version_url is None else self.address(self.version_url)


class Schedule(Table):
    """When `promote serve` starts a night, and which night `promote nightly` stands for."""

    cron: Annotated[str, kinds.CRON] = Field(
        "0 2 * * *", description="When a night begins.", examples=["30 1 * * mon-fri"]
    )
    timezone: Annotated[str, kinds.TIMEZONE] = Field(
        "UTC", description="The clock that `cron` means.", examples=["Europe/Berlin"]
    )
    late: Annotated[float, _LATE] = Field(
        6 * 3600.0,
        description="How late a missed night may still run; after that it is reported as missed.",
        examples=["6h"],
    )


class State(Table):
    """Where this installation keeps what it knows."""

    dir: Annotated[str, kinds.PATH] = Field(
        ".promotion", validate_default=True, description="Cache, runs and history.", examples=["/var/lib/promotion"]
    )
    database: Annotated[str, kinds.DATABASE] = Field(
        "",
        description="Where the history lives. A PostgreSQL password belongs into PGPASSFILE or PGPASSWORD.",
        examples=["postgresql://bot@db.acme.example/promotions"],
    )


class Audit(Table):
    """What `promote audit`, and the beginning of each night, may find."""

    accepted: Annotated[tuple[str, ...], kinds.DIFFERENCES] = Field(
        (),
        description="Differences that people looked into, by the keys that the audit gives them.",
        examples=[["tag-missing:release/20261121-020000"]],
    )


def _section() -> Any:
    """A table that may be left out; its defaults are validated like a file's, so that paths become absolute."""
    return Field(default_factory=dict, validate_default=True)


class Settings(Table):
    """The whole configuration of one repository."""

    repository: Repository
    staging: Staging
    scenario: tuple[Scenario, ...] = Field(json_schema_extra={"minItems": 1})
    probe: tuple[Probe, ...] = ()
    generator: Generator = _section()
    gate: Gate = _section()
    baseline: Baseline = _section()
    hotfix: Hotfix = _section()
    schedule: Schedule = _section()
    state: State = _section()
    notes: Notes = _section()
    audit: Audit = _section()
    host: Host = _section()


# Every table by its place in the file, numbers of list entries left out; `*` stands for the name of an endpoint.
TABLES: Final[dict[tuple[str, ...], type[Table]]] = {
    ("repository",): Repository,
    ("staging",): Staging,
    ("scenario",): Scenario,
    ("scenario", "arrivals"): Arrivals,
    ("scenario", "slo"): Slo,
    ("scenario", "slo", "*"): EndpointSlo,
    ("probe", "http"): HttpProbe,
    ("probe", "process"): ProcessProbe,
    ("probe", "prometheus"): PrometheusProbe,
    ("probe", "command"): CommandProbe,
    ("generator",): Generator,
    ("gate",): Gate,
    ("baseline",): Baseline,
    ("hotfix",): Hotfix,
    ("schedule",): Schedule,
    ("state",): State,
    ("notes",): Notes,
    ("audit",): Audit,
    ("host",): Host,
    (): Settings,
}
