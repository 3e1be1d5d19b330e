"""Long work in a thread: it is followed, stopped, and says why it came to nothing."""

import threading
import time
from collections.abc import Callable

import pytest

from medmat_explorer.background_work import BackgroundWork
from medmat_explorer.errors import CollectionError


class Counting(BackgroundWork):
    """Calls a function with itself until that returns."""

    what = "The counting"

    def __init__(self, count: Callable[["Counting"], None]) -> None:
        super().__init__()
        self._count = count
        self.begin()

    def work(self) -> None:
        self._count(self)


def test_it_tells_how_far_it_is_and_each_stage_has_its_own_clock() -> None:
    go, told = threading.Event(), threading.Event()

    def count(work: Counting) -> None:
        work.told("Reading", 50, 100)
        time.sleep(0.05)
        work.told("Writing", 10, 40)
        time.sleep(0.1)
        work.told("Writing", 20, 40)
        told.set()
        go.wait(10)

    work = Counting(count)
    assert told.wait(10)
    assert (work.stage, work.done, work.total, work.running) == ("Writing", 20, 40, True)
    assert 0 < work.rate <= 100
    assert work.seconds_left is not None and work.seconds_left >= 0.2
    go.set()
    assert work.wait(10)
    assert work.error == ""


def test_it_is_asked_to_stop_and_comes_to_an_end() -> None:
    def count(work: Counting) -> None:
        while not work.is_stopped():
            time.sleep(0.001)

    work = Counting(count)
    assert not work.wait(0.05)
    work.stop()
    assert work.wait(10)
    assert (work.stopped, work.error) == (True, "")


def test_what_can_be_mended_is_told_and_our_own_fault_goes_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(work: Counting) -> None:
        raise CollectionError("There is no such folder.")

    def fail(work: Counting) -> None:
        raise ZeroDivisionError("no")

    refused, failed = Counting(refuse), Counting(fail)
    assert refused.wait(10) and failed.wait(10)
    assert refused.error == "There is no such folder."
    assert failed.error == "The counting failed for a reason that is our fault; the server's log has the details."
    assert [record.exc_info is not None for record in caplog.records] == [True]
