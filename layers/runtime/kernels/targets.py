"""The CPUs that we compile for. This table is the one place that knows each of them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TARGETS", "Target", "host_target"]

X86 = "x86_64-unknown-linux-gnu"
ARM = "aarch64-unknown-linux-gnu"


@dataclass(frozen=True)
class Target:
    """One kind of CPU, which gets a library of its own.

    ``bits`` is the width of a vector register. ``dot`` names how it multiplies bytes: ``maddubs`` (AVX2),
    ``avxvnni`` and ``avx512vnni`` (vpdpbusd), ``sdot`` and ``smmla`` (arm64).
    """

    name: str
    triple: str
    cpu: str
    features: str
    bits: int
    dot: str

    @property
    def is_x86(self) -> bool:
        return self.triple == X86


TARGETS = {
    target.name: target
    for target in (
        Target("x86-64-v3", X86, "x86-64-v3", "", 256, "maddubs"),
        Target("x86-64-v3-avxvnni", X86, "x86-64-v3", "+avxvnni", 256, "avxvnni"),
        # LLVM holds back 512-bit code on this CPU model unless told otherwise.
        Target("x86-64-v4-avx512vnni", X86, "x86-64-v4", "+avx512vnni,-prefer-256-bit", 512, "avx512vnni"),
        Target("neoverse-n1", ARM, "neoverse-n1", "+dotprod", 128, "sdot"),
        # Without SVE, of which LLVM would use a handful of instructions: so CPUs without it can run this too.
        Target("neoverse-v1", ARM, "neoverse-v1", "+i8mm,-sve", 128, "smmla"),
    )
}


def host_target() -> Target:
    """The best target that this machine can run.

    Raises:
        LookupError: this CPU is older than every target.
    """
    from abax_runtime import cpu

    return TARGETS[cpu.target()]
