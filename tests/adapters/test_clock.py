"""The real clock."""

from datetime import UTC

from bot.adapters.clock import SystemClock


def test_now_is_aware_and_in_utc():
    assert SystemClock().now().tzinfo is UTC


def test_monotonic_never_goes_back():
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)
