import subprocess
import sys

PURE = ("cells", "failures", "files", "guard", "histograms", "host", "outputs", "plan", "recorder")


def test_the_parts_that_need_no_event_loop_do_not_load_one():
    modules = ", ".join(f"loadtests.{name}" for name in (*PURE, "report", "schedule", "listener", "generator"))
    code = f"import sys, {modules}; print(sorted({{'gevent', 'locust', 'ssl', 'requests'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_the_adapter_loads_nothing_of_the_load():
    code = "import sys, bot.adapters.locust; print(sorted({'gevent', 'locust', 'loadtests'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
