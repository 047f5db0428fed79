"""What the load process reads of itself, on systems old and new."""

import gevent
import pytest

from loadtests import health as healths
from loadtests.health import Health, Pulse, find_cpu_stats, largest_share, read_throttled, read_wait

V2 = "usage_usec 900\nnr_throttled 3\nthrottled_usec 1500000\n"
V1 = "nr_periods 10\nnr_throttled 3\nthrottled_time 2500000000\n"


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_process_tells_how_it_fares():
    health = Health()
    gevent.sleep(0.12)
    found = health()
    health.stop()
    assert set(found) == {"cpu", "wait", "throttled", "lag", "files", "sockets"}
    assert found["cpu"] >= 0
    assert found["lag"] >= 0
    assert 0 < found["files"] < 1
    assert found["sockets"] >= 0


def test_waiting_is_the_sum_over_all_threads(tmp_path):
    for thread, waited in ((1, 2_000_000_000), (2, 500_000_000)):
        written(tmp_path / "task" / str(thread) / "schedstat", f"99 {waited} 7\n")
    assert read_wait(tmp_path) == pytest.approx(2.5)


def test_a_thread_that_has_just_ended_waited_no_more(tmp_path):
    written(tmp_path / "schedstat", "99 1 1\n")
    written(tmp_path / "task" / "1" / "schedstat", "99 2000000000 7\n")
    (tmp_path / "task" / "2").mkdir()
    assert read_wait(tmp_path) == pytest.approx(2.0)


@pytest.mark.parametrize("text", [None, "", "99\n", "a b c\n"])
def test_a_kernel_that_does_not_count_waiting_tells_nothing(tmp_path, text):
    (tmp_path / "task" / "1").mkdir(parents=True)
    if text is not None:
        written(tmp_path / "task" / "1" / "schedstat", text)
    assert read_wait(tmp_path) is None
    assert read_wait(tmp_path / "missing") is None


@pytest.mark.parametrize(("text", "seconds"), [(V2, 1.5), (V1, 2.5), ("usage_usec 1\n", None), ("x\n", None)])
def test_both_versions_of_cgroups_are_read(tmp_path, text, seconds):
    assert read_throttled(written(tmp_path / "cpu.stat", text)) == seconds


def test_a_missing_file_tells_nothing(tmp_path):
    assert read_throttled(tmp_path / "cpu.stat") is None


def test_the_cgroup_of_the_process_is_found_by_its_path_and_all_above_it_too(tmp_path):
    own = written(tmp_path / "kubepods" / "pod" / "bot" / "cpu.stat", V2)
    pod = written(tmp_path / "kubepods" / "pod" / "cpu.stat", V2)
    written(tmp_path / "kubepods" / "cpu.stat", "usage_usec 1\n")
    top = written(tmp_path / "cpu.stat", V2)
    assert find_cpu_stats(["0::/kubepods/pod/bot"], tmp_path) == (own, pod, top)


def test_within_a_container_the_mount_is_its_own(tmp_path):
    own = written(tmp_path / "cpu.stat", V2)
    assert find_cpu_stats(["0::/docker/abc"], tmp_path) == (own,)


def test_a_path_that_leads_out_of_the_mount_is_not_followed(tmp_path):
    written(tmp_path / "other" / "cpu.stat", V2)
    own = written(tmp_path / "mount" / "cpu.stat", V2)
    assert find_cpu_stats(["0::/../other"], tmp_path / "mount") == (own,)


def test_the_first_version_has_a_folder_for_the_controller(tmp_path):
    own = written(tmp_path / "cpu,cpuacct" / "bot" / "cpu.stat", V1)
    assert find_cpu_stats(["7:memory:/x", "3:cpu,cpuacct:/bot", "0::/"], tmp_path) == (own,)
    assert find_cpu_stats(["3:cpuset:/bot", "oddity"], tmp_path) == ()


def test_the_cgroup_that_was_throttled_most_counts_since_the_last_look_only():
    assert largest_share((0.0, 100.0, None), (0.25, 100.5, 3.0), 1.0) == 0.5
    assert largest_share((100.0, 0.0), (100.0, 0.25), 1.0) == 0.25
    assert largest_share((None, 1.0), (None, None), 1.0) is None
    assert largest_share((), (), 1.0) is None


def test_a_process_is_throttled_where_only_the_group_above_its_own_is(tmp_path, monkeypatch):
    written(tmp_path / "pod" / "bot" / "cpu.stat", "throttled_usec 0\n")
    pod = written(tmp_path / "pod" / "cpu.stat", "throttled_usec 0\n")
    stats = find_cpu_stats(["0::/pod/bot"], tmp_path)
    monkeypatch.setattr(healths, "_cpu_stats", lambda: stats)
    health = Health()
    written(pod, "throttled_usec 1000000000\n")
    gevent.sleep(0.01)
    assert health()["throttled"] > 1
    assert health()["throttled"] == 0
    health.stop()


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_the_longest_delay_of_a_beat_is_told_once():
    clock = Clock()
    pulse = Pulse(clock)
    for beat in (0.05, 0.05, 0.35, 0.05):
        clock.now += beat
        pulse._beat()
    assert pulse.longest() == pytest.approx(0.3)
    assert pulse.longest() == 0.0
    pulse.stop()


def test_a_delay_that_still_lasts_is_told():
    clock = Clock()
    pulse = Pulse(clock)
    clock.now += 2.05
    assert pulse.longest() == pytest.approx(2.0)
    pulse.stop()


def test_a_clock_that_was_behind_at_the_start_hides_no_later_delay():
    clock = Clock()
    pulse = Pulse(clock)
    for beat in (0.01, 0.05, 0.05, 0.25):
        clock.now += beat
        pulse._beat()
    assert pulse.longest() == pytest.approx(0.2)
    pulse.stop()
