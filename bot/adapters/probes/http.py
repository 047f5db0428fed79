"""A probe of a page that the service itself serves: Prometheus text, or JSON by dotted path."""

from typing import Final

from bot.adapters.http import REFUSED, Answer, Failure, get
from bot.adapters.probes import ProbeFailure, ProbeReading, Spent
from bot.adapters.probes.lives import Lives
from bot.adapters.probes.page import Fields, Numbers, from_json, from_prometheus, looks_like_json

_ACCEPT: Final = "text/plain;version=0.0.4;q=1, application/json;q=0.9, */*;q=0.1"
_LARGEST_PAGE: Final = 4 * 1024 * 1024
_OK: Final = 200


class HttpProbe:
    """GETs one page per reading; Prometheus text or JSON is told by the content type and the first character.

    Several pages under one name are several such probes, told apart by `replica`.
    """

    def __init__(
        self,
        name: str,
        url: str,
        fields: Fields | None = None,
        *,
        replica: str = "",
        interval: float = 1.0,
        cores: float = 1.0,
        timeout: float = 5.0,
    ) -> None:
        self.name = name
        self.interval = self.pace = interval
        self.cores = cores
        self.spent = Spent()
        self._url = url
        self._fields = fields or Fields()
        self._replica = replica
        self._timeout = timeout
        self._lives = Lives("http", interval)
        self._answered = False
        self._refused = 0

    def sample(self) -> ProbeReading | ProbeFailure:
        """Ask once; anything but a whole page with the wanted numbers is a failure."""
        outcome = get(self._url, deadline=self._timeout, max_bytes=_LARGEST_PAGE, accept=_ACCEPT)
        self.spent.cpu += outcome.cpu
        self._refused = self._refused + 1 if outcome == REFUSED else 0
        match outcome:
            case Failure(text):
                return ProbeFailure(text, self._replica, gone=self._is_gone())
            case Answer(status) if status != _OK:
                return ProbeFailure(f"the page answers with status {status}", self._replica)
            case Answer() as answer:
                return self._reading(answer)

    def _is_gone(self) -> bool:
        # Where it used to answer, nobody listens any more. Once may be the moment in which a listener is replaced.
        return self._answered and self._refused > 1

    def _reading(self, answer: Answer) -> ProbeReading | ProbeFailure:
        self._answered = True
        self.spent.bytes += len(answer.body)
        try:
            numbers = _numbers(answer, self._fields)
        except ValueError as error:
            return ProbeFailure(str(error), self._replica)
        life = self._lives.instance(numbers.start, numbers.cpu)
        return ProbeReading(life, numbers.memory, numbers.cpu, self._replica)


def _numbers(answer: Answer, fields: Fields) -> Numbers:
    if answer.content_type.endswith("json") or looks_like_json(answer.body):
        return from_json(answer.body, fields)
    return from_prometheus(answer.body, fields)
