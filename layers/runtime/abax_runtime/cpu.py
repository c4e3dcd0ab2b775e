"""This machine, as far as the runtime must know it: which library its CPU can run, threads, memory."""

from __future__ import annotations

import os
from functools import cache

from .errors import InvalidParameter, Unsupported
from .record import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTES_PER_VCPU = 1769
"""A Lambda function has one vCPU's worth of time for so much configured memory."""

MOST_THREADS = 8
"""By default: beyond it the operations of one token are too short to be split further."""

_FIRST_CPU = 1 << 14
"""Characters that hold the first CPU's flags: the kernel takes its time for each of a hundred CPUs."""

# The libraries, best first, and the flags of /proc/cpuinfo that each needs. x86-64-v3 and -v4 are the levels
# of the System V psABI; the arm64 ones are what LLVM takes for granted on those cores.
_V3 = "avx2 bmi1 bmi2 f16c fma abm movbe"
_N1 = "asimddp asimdhp asimdrdm atomics"
_NEEDS = {
    "x86-64-v4-avx512vnni": f"{_V3} avx512f avx512bw avx512cd avx512dq avx512vl avx512_vnni",
    "x86-64-v3-avxvnni": f"{_V3} avx_vnni",
    "x86-64-v3": _V3,
    "neoverse-v1": f"{_N1} sve i8mm bf16 ilrcpc",
    "neoverse-n1": _N1,
}
NEEDS = {name: frozenset(flags.split()) for name, flags in _NEEDS.items()}


@cache
def features() -> frozenset[str]:
    """The CPU's flags, in the words of /proc/cpuinfo; empty where there is no such file."""
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            text = file.read(_FIRST_CPU)
    except OSError:
        return frozenset()
    for line in text.splitlines():
        name, _, flags = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return frozenset(flags.split())
    return frozenset()


def targets() -> tuple[str, ...]:
    """The libraries that this CPU can run, best first; ABAX_RUNTIME_TARGET names the only one to use.

    Raises Unsupported for a CPU that can run none, and InvalidParameter for a setting that is none of ours.
    """
    chosen = os.environ.get("ABAX_RUNTIME_TARGET")
    if chosen:
        if chosen not in NEEDS:
            raise InvalidParameter("ABAX_RUNTIME_TARGET", f"{chosen!r} is none of {', '.join(NEEDS)}")
        return (chosen,)
    found = tuple(name for name, needs in NEEDS.items() if needs <= features())
    if not found:
        raise Unsupported(_too_old())
    return found


def target() -> str:
    """The best library that this CPU can run; see `targets`."""
    return targets()[0]


def _too_old() -> str:
    machine = os.uname().machine
    least = {"x86_64": "x86-64-v3", "aarch64": "neoverse-n1"}.get(machine)
    if least is None:
        return f"no library runs on {machine} CPUs, only on x86_64 and aarch64"
    missing = " ".join(sorted(NEEDS[least] - features()))
    return (
        f"this {machine} CPU is older than {least}, the oldest that the runtime supports: it lacks {missing}"
    )


def threads() -> int:
    """How many threads to compute on.

    ABAX_RUNTIME_THREADS; else what a Lambda function's memory setting pays for; else the CPUs that this
    process may use, by affinity and by its control group's quota, at most `MOST_THREADS`.
    """
    setting = os.environ.get("ABAX_RUNTIME_THREADS")
    if setting:
        if not setting.isdecimal() or not 1 <= int(setting) <= 256:
            raise InvalidParameter("ABAX_RUNTIME_THREADS", f"{setting!r} is not a number from 1 to 256")
        return int(setting)
    usable = min(len(os.sched_getaffinity(0)), _quota())
    memory = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    if memory.isdecimal():
        usable = min(usable, round(int(memory) / MEGABYTES_PER_VCPU))
    return max(1, min(usable, MOST_THREADS))


def _quota() -> int:
    """CPUs that the control group grants, rounded; a large number without a limit."""
    least = 1 << 16
    for folder in _groups("cpu"):
        quota, _, period = (_read(f"{folder}/cpu.max") or "").partition(" ")
        quota = quota or _read(f"{folder}/cpu.cfs_quota_us") or ""
        period = period or _read(f"{folder}/cpu.cfs_period_us") or ""
        if quota.isdecimal() and period.isdecimal() and int(period):
            least = min(least, round(int(quota) / int(period)))
    return least


def available_memory() -> int:
    """Bytes that can be used without swapping: what the machine has left, or the control group if less.

    Mapped files count as left, since the kernel drops their pages when it needs room.
    """
    left = _number_after("MemAvailable:", "/proc/meminfo") * 1024 or 1 << 62
    for folder in _groups("memory"):
        limit = _read(f"{folder}/memory.max") or _read(f"{folder}/memory.limit_in_bytes") or ""
        used = _read(f"{folder}/memory.current") or _read(f"{folder}/memory.usage_in_bytes") or ""
        if limit.isdecimal() and used.isdecimal():
            left = min(left, max(0, int(limit) - int(used) + _page_cache(folder)))
    return left


def _page_cache(folder: str) -> int:
    stat = f"{folder}/memory.stat"
    return _number_after("inactive_file ", stat) + _number_after("active_file ", stat)


def _groups(controller: str) -> Iterator[str]:
    """Folders of this process's control group and its parents, versions 1 and 2, most specific first.

    In a container the path that the kernel names may not be there; the mounted root then is its group.
    """
    for line in (_read("/proc/self/cgroup") or "").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mount = f"/sys/fs/cgroup/{controllers}" if controllers else "/sys/fs/cgroup"
        inner = path.strip("/")
        while inner:
            yield f"{mount}/{inner}"
            inner = inner.rpartition("/")[0]
        yield mount


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return None


def _number_after(label: str, path: str) -> int:
    for line in (_read(path) or "").splitlines():
        if line.startswith(label):
            return int(line[len(label) :].split()[0])
    return 0
