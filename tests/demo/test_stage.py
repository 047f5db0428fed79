"""What the demo shows its nights with."""

import io
import tomllib
from pathlib import Path

from rich.console import Console

from bot.demo.stage import Stage


def test_the_configuration_is_the_bundled_one_with_its_own_service_and_remote(tmp_path):
    remote = tmp_path / 'a "quoted" one' / "remote.git"
    path = Stage(Console(file=io.StringIO())).configuration(tmp_path, "http://127.0.0.1:4711", remote)
    written, bundled = path.read_text(), Path("config/demo.toml").read_text()
    document = tomllib.loads(written)
    assert (document["repository"]["remote"], document["staging"]["url"]) == (str(remote), "http://127.0.0.1:4711")
    changed = [old for old, new in zip(bundled.splitlines(), written.splitlines(), strict=True) if old != new]
    assert changed == ['remote = "demo/remote.git"', 'url = "http://127.0.0.1:8080"']
