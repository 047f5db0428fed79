"""What recording leaves behind grows with time and endpoints, not with requests."""

import gc
import sys

from support.recording import drive


def test_files_do_not_grow_with_the_requests_of_a_second(tmp_path):
    sizes = [written(tmp_path / str(each), intervals=10, each=each) for each in (1000, 10_000)]
    assert sizes[1] < 1.5 * sizes[0]


def test_files_grow_with_time_and_with_endpoints(tmp_path):
    short = written(tmp_path / "short", intervals=5, each=200)
    assert written(tmp_path / "long", intervals=10, each=200) > 1.8 * short
    assert written(tmp_path / "broad", intervals=5, each=200, endpoints=10) > 2 * short


def test_memory_does_not_grow_with_the_requests(tmp_path):
    drive(tmp_path / "warm", intervals=5, each=1000)
    before = blocks()
    drive(tmp_path / "more", intervals=50, each=1000)
    assert blocks() - before < 2000


def blocks():
    gc.collect()
    return sys.getallocatedblocks()


def written(stem, **load):
    return sum(path.stat().st_size for path in drive(stem, **load))
