"""This machine, as far as the runtime must know it: which library its CPU can run, threads, memory."""

from __future__ import annotations

import os
import struct
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

# The libraries, best first, and the features that each needs, in the words of /proc/cpuinfo. x86-64-v3 and
# -v4 are the levels of the System V psABI; the arm64 ones are what LLVM takes for granted on those cores.
_V3 = "avx2 bmi1 bmi2 f16c fma abm movbe"
_N1 = "asimddp asimdhp asimdrdm atomics lrcpc"
_NEEDS = {
    "x86-64-v4-avx512vnni": f"{_V3} avx512f avx512bw avx512cd avx512dq avx512vl avx512_vnni",
    "x86-64-v3-avxvnni": f"{_V3} avx_vnni",
    "x86-64-v3": _V3,
    "neoverse-v1": f"{_N1} i8mm bf16 ilrcpc",
    "neoverse-n1": _N1,
}
NEEDS = {name: frozenset(flags.split()) for name, flags in _NEEDS.items()}

_OLDEST = {"x86_64": "x86-64-v3", "aarch64": "neoverse-n1"}
"""By kind of machine, the library that asks for least."""

# Where the kernel tells an arm64 process what it may use: bits of two entries of its auxiliary vector
# (Linux, arch/arm64/include/uapi/asm/hwcap.h).
_AT_HWCAP, _AT_HWCAP2 = 16, 26
_HWCAP = {"atomics": 8, "asimdhp": 10, "asimdrdm": 12, "lrcpc": 15, "asimddp": 20, "ilrcpc": 26}
_HWCAP2 = {"i8mm": 13, "bf16": 14}


@cache
def features() -> frozenset[str]:
    """What this process may use of the CPU, in the words of /proc/cpuinfo; empty where nobody says.

    The kernel leaves out what it has not enabled, such as registers that it would not save. An emulator of
    another CPU answers for that one on arm64, and on x86-64 shows the file of the machine under it: nothing.
    """
    return _features_arm() if os.uname().machine == "aarch64" else _features_x86()


def _features_x86() -> frozenset[str]:
    try:
        with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
            text = file.read(_FIRST_CPU)
    except OSError:
        return frozenset()
    for line in text.splitlines():
        name, _, flags = line.partition(":")
        if name.strip() == "flags":
            return frozenset(flags.split())
    return frozenset()


def _features_arm() -> frozenset[str]:
    try:
        with open("/proc/self/auxv", "rb") as file:
            entries = dict(struct.iter_unpack("@LL", file.read()))
    except OSError:
        return frozenset()
    words = ((entries.get(_AT_HWCAP, 0), _HWCAP), (entries.get(_AT_HWCAP2, 0), _HWCAP2))
    return frozenset(name for word, bits in words for name, bit in bits.items() if word >> bit & 1)


def targets() -> tuple[str, ...]:
    """The libraries that this CPU can run, best first; ABAX_RUNTIME_TARGET names the only one to use.

    Raises Unsupported for a CPU that can run none, or not the one that is set, and InvalidParameter for a
    setting that is none of ours. Where nobody says what the CPU can do, the setting is believed.
    """
    chosen = os.environ.get("ABAX_RUNTIME_TARGET")
    if chosen:
        if chosen not in NEEDS:
            raise InvalidParameter("ABAX_RUNTIME_TARGET", f"{chosen!r} is none of {', '.join(NEEDS)}")
        if features() and (missing := " ".join(sorted(NEEDS[chosen] - features()))):
            raise Unsupported(f"ABAX_RUNTIME_TARGET is {chosen}, and this CPU lacks {missing}")
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
    least = _OLDEST.get(machine)
    if least is None:
        return f"no library runs on {machine} CPUs, only on {' and '.join(_OLDEST)}"
    if not features():
        return f"nothing tells what this {machine} CPU can do; set ABAX_RUNTIME_TARGET, {least} for the least"
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
