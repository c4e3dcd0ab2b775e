"""The threads of a context: Python threads that spend their lives inside one native call each."""

from __future__ import annotations

import ctypes
import os
import threading
import time

from abax_runtime.errors import Unsupported
from abax_runtime.program import Control, places
from abax_runtime.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

    from abax_runtime.native import Native

_AT: Final = places(Control)
_FUTEX: Final = {"x86_64": 202, "aarch64": 98}
"""The system call's number."""
_STOPPING: Final = 10.0
"""Seconds; a worker leaves within one step's time."""

_libc: Final = ctypes.CDLL(None)


def _address(name: str) -> int:
    """A function of the C library."""
    return ctypes.cast(getattr(_libc, name), ctypes.c_void_p).value or 0


class Workers:
    """``count`` threads beside the caller's. They start with the first step, and sleep between steps."""

    def __init__(self, native: Native, control: int, count: int) -> None:
        self._native, self._control = native, control
        self._threads = [
            threading.Thread(
                target=native.step_work, args=(control, number + 1), name=f"abax-{number + 1}", daemon=True
            )
            for number in range(count)
        ]
        self._started = False
        self._clock = ctypes.CFUNCTYPE(ctypes.c_uint64)(time.monotonic_ns)

    @property
    def clock_address(self) -> int:
        """A clock that the native side can call."""
        return ctypes.cast(self._clock, ctypes.c_void_p).value or 0

    def write_addresses(self, control: memoryview) -> None:
        """What the native side calls of the system."""
        machine = os.uname().machine
        if machine not in _FUTEX:
            raise Unsupported(f"threads on {machine}")
        control[_AT.sched_yield], control[_AT.syscall] = _address("sched_yield"), _address("syscall")
        control[_AT.futex] = _FUTEX[machine]

    def run(self) -> None:
        """One step, which is written in the control block."""
        if not self._started:
            self._started = True
            for thread in self._threads:
                thread.start()
        self._native.step_run(self._control)

    def stop(self) -> None:
        """Let the threads end, and wait until they have."""
        if self._started:
            self._native.step_stop(self._control)
            for thread in self._threads:
                thread.join(_STOPPING)
