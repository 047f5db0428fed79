"""The bundled load file: sends a payload of a given size, and checks the answer.

Options: `payload` (size such as "1KiB", or bytes; default "1KiB"), `method` (default "POST"), `path` (default "/echo"),
`expect` ("echo": the same bytes must come back). Success is a 2xx answer.
"""

from typing import Any, Final

from locust import constant, task

from loadtests import options
from loadtests.arrivals import OpenUser
from loadtests.payload_options import request_of

_REQUEST: Final = request_of(options())
# Locust knows bytes as well, whatever its annotation says.
_BODY: Final[Any] = _REQUEST.body
_HEADERS: Final = {"Content-Type": "application/octet-stream"}


class PayloadUser(OpenUser):
    """Sends the payload once per arrival."""

    wait_time = constant(0)

    @task
    def send(self) -> None:
        """One request."""
        with self.client.request(
            _REQUEST.method, _REQUEST.path, data=_BODY, headers=_HEADERS, catch_response=True
        ) as response:
            if not response.status_code:
                return  # no answer: Locust's own words say why
            if not 200 <= response.status_code < 300:  # noqa: PLR2004 - success as HTTP means it
                response.failure(f"HTTP {response.status_code}")
            elif _REQUEST.echo and response.content != _REQUEST.body:
                response.failure("the answer is not the payload that was sent")
