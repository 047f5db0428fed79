"""The bundled load file: sends payloads of a given size to one or several endpoints, and checks the answers.

Options: `payload` (size such as "1KiB", or bytes; default "1KiB"), `method` (default "POST"), `path` (default "/echo"),
`expect` ("echo": the same bytes must come back; default "": anything). With `endpoints`, a list of tables of these with
a `weight` and a `name`, each is sent exactly in proportion to its weight. Success is a 2xx answer.
"""

from typing import Any, Final

from locust import constant, task

from bot.core.payload_options import Request, requests_of
from loadtests import options
from loadtests.arrivals import OpenUser
from loadtests.schedule import Picker

_REQUESTS: Final = requests_of(options())
_PICKER: Final[Picker[int]] = Picker({number: request.weight for number, request in enumerate(_REQUESTS)})
_HEADERS: Final = {"Content-Type": "application/octet-stream"}


class PayloadUser(OpenUser):
    """Sends one payload per arrival."""

    wait_time = constant(0)

    @task
    def send(self) -> None:
        """One request."""
        request = _REQUESTS[_PICKER.pick()]
        body: Any = request.body  # Locust knows bytes as well, whatever its annotation says
        with self.client.request(
            request.method, request.path, name=request.name, data=body, headers=_HEADERS, catch_response=True
        ) as response:
            _check(response, request)


def _check(response: Any, request: Request) -> None:
    if not response.status_code:
        return  # no answer: Locust's own words say why
    if not 200 <= response.status_code < 300:  # noqa: PLR2004 - success as HTTP means it
        response.failure(f"HTTP {response.status_code}")
    elif request.echo and response.content != request.body:
        response.failure("the answer is not the payload that was sent")
