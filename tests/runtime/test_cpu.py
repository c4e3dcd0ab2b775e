import io
import os
import platform
import struct
from pathlib import Path

import pytest
from abax_runtime import cpu
from abax_runtime.errors import InvalidParameter, Unsupported

HASWELL = "fpu sse4_2 avx avx2 bmi1 bmi2 f16c fma abm movbe"
ALDER_LAKE = HASWELL + " avx_vnni"
SKYLAKE_X = HASWELL + " avx512f avx512bw avx512cd avx512dq avx512vl"
ICE_LAKE = SKYLAKE_X + " avx512_vnni"
KNIGHTS_MILL = HASWELL + " avx512f avx512cd avx512er avx512pf avx512_4vnniw"
NO_VL = ICE_LAKE.replace(" avx512vl", "")
NOT_SAVED = HASWELL + " avx512_vnni avx_vnni"  # a kernel or hypervisor that masks the registers alone
SAPPHIRE_RAPIDS = ICE_LAKE + " avx_vnni amx_int8"
GRAVITON_2 = "fp asimd evtstrm aes crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp ssbs"
GRAVITON_3 = GRAVITON_2 + " ilrcpc flagm sve bf16 i8mm"
GRAVITON_4 = GRAVITON_3 + " sve2"
APPLE_M2 = GRAVITON_2 + " ilrcpc flagm bf16 i8mm"  # no SVE
GRAVITON_3_AS_2 = GRAVITON_2  # as Firecracker's template shows it
IVY_BRIDGE = "fpu sse4_2 avx f16c"
CORTEX_A72 = "fp asimd evtstrm aes crc32"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in ("ABAX_RUNTIME_TARGET", "ABAX_RUNTIME_THREADS", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"):
        monkeypatch.delenv(name, raising=False)


def with_flags(monkeypatch, flags: str) -> None:
    monkeypatch.setattr(cpu, "features", lambda: frozenset(flags.split()))


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (HASWELL, ["x86-64-v3"]),
        (ALDER_LAKE, ["x86-64-v3-avxvnni", "x86-64-v3"]),
        (SKYLAKE_X, ["x86-64-v3"]),
        (ICE_LAKE, ["x86-64-v4-avx512vnni", "x86-64-v3"]),
        (KNIGHTS_MILL, ["x86-64-v3"]),
        (NO_VL, ["x86-64-v3"]),
        (NOT_SAVED, ["x86-64-v3-avxvnni", "x86-64-v3"]),
        (SAPPHIRE_RAPIDS, ["x86-64-v4-avx512vnni", "x86-64-v3-avxvnni", "x86-64-v3"]),
        (GRAVITON_2, ["neoverse-n1"]),
        (GRAVITON_3, ["neoverse-v1", "neoverse-n1"]),
        (GRAVITON_4, ["neoverse-v1", "neoverse-n1"]),
        (GRAVITON_3_AS_2, ["neoverse-n1"]),
        (APPLE_M2, ["neoverse-v1", "neoverse-n1"]),
    ],
)
def test_a_cpu_gets_the_libraries_that_it_can_run_best_first(monkeypatch, flags, expected):
    with_flags(monkeypatch, flags)
    assert list(cpu.targets()) == expected
    assert cpu.target() == expected[0]


@pytest.mark.parametrize(
    ("machine", "flags", "message"),
    [
        ("x86_64", IVY_BRIDGE, "older than x86-64-v3, .* lacks abm avx2 bmi1 bmi2 fma movbe"),
        ("aarch64", CORTEX_A72, "older than neoverse-n1, .* lacks asimddp asimdhp asimdrdm atomics lrcpc"),
        ("x86_64", "", "nothing tells what this x86_64 CPU can do; set ABAX_RUNTIME_TARGET, x86-64-v3 for"),
        ("riscv64", "", "no library runs on riscv64"),
    ],
)
def test_an_older_cpu_is_told_what_it_lacks(monkeypatch, machine, flags, message):
    with_flags(monkeypatch, flags)
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "host", "6", "1", machine)))
    with pytest.raises(Unsupported, match=message):
        cpu.target()


def test_the_setting_overrides_the_choice(monkeypatch):
    with_flags(monkeypatch, ICE_LAKE)
    monkeypatch.setenv("ABAX_RUNTIME_TARGET", "x86-64-v3")
    assert cpu.targets() == ("x86-64-v3",)


def test_a_setting_that_is_no_target_is_refused_with_those_that_are(monkeypatch):
    monkeypatch.setenv("ABAX_RUNTIME_TARGET", "pentium")
    with pytest.raises(InvalidParameter, match="'pentium' is none of x86-64-v4-avx512vnni, "):
        cpu.target()


def test_a_setting_that_this_cpu_cannot_run_is_refused_with_what_it_lacks(monkeypatch):
    with_flags(monkeypatch, ALDER_LAKE)
    monkeypatch.setenv("ABAX_RUNTIME_TARGET", "x86-64-v4-avx512vnni")
    with pytest.raises(Unsupported, match=r"is x86-64-v4-avx512vnni, .* lacks avx512_vnni avx512bw "):
        cpu.target()


def test_a_setting_is_believed_where_nobody_says_what_the_cpu_can_do(monkeypatch):
    with_flags(monkeypatch, "")
    monkeypatch.setenv("ABAX_RUNTIME_TARGET", "x86-64-v3")
    assert cpu.targets() == ("x86-64-v3",)


def on_machine(monkeypatch, machine: str, path: str, content: bytes) -> None:
    """A machine of this kind, where ``path`` has this content and is the only file that is asked for."""

    def opened(name, mode="r", **_):
        assert name == path
        return io.BytesIO(content) if "b" in mode else io.StringIO(content.decode())

    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "host", "6", "1", machine)))
    monkeypatch.setattr(cpu, "open", opened, raising=False)
    monkeypatch.setattr(cpu, "features", cpu.features.__wrapped__)


def test_arm_features_are_those_that_the_kernel_grants_the_process(monkeypatch):
    """Of a Graviton 2: HWCAP as its kernel gives it, and no HWCAP2."""
    on_machine(monkeypatch, "aarch64", "/proc/self/auxv", struct.pack("@6L", 16, 0x119FFF, 26, 0, 0, 0))
    assert cpu.targets() == ("neoverse-n1",)


def test_arm_features_of_the_second_word_are_seen(monkeypatch):
    graviton_3 = struct.pack("@6L", 16, 0x119FFF | 1 << 26, 26, 1 << 13 | 1 << 14, 0, 0)
    on_machine(monkeypatch, "aarch64", "/proc/self/auxv", graviton_3)
    assert cpu.targets() == ("neoverse-v1", "neoverse-n1")


def test_an_emulated_cpu_is_not_taken_for_the_one_under_it(monkeypatch):
    """A process for x86-64 on an arm64 machine sees the file of that."""
    cpuinfo = f"processor : 0\nFeatures : {GRAVITON_3}\n".encode()
    on_machine(monkeypatch, "x86_64", "/proc/cpuinfo", cpuinfo)
    with pytest.raises(Unsupported, match="nothing tells"):
        cpu.targets()
    monkeypatch.setenv("ABAX_RUNTIME_TARGET", "x86-64-v3")
    assert cpu.targets() == ("x86-64-v3",)


def test_this_machine_names_its_features():
    assert cpu.features()
    if platform.machine() == "x86_64":
        assert "sse2" in cpu.features()


# Threads


@pytest.fixture
def eight_cpus(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr(cpu, "_quota", lambda: 1 << 16)


@pytest.mark.usefixtures("eight_cpus")
@pytest.mark.parametrize(
    ("megabytes", "expected"), [("128", 1), ("1769", 1), ("2048", 1), ("3008", 2), ("5307", 3), ("10240", 6)]
)
def test_a_lambda_computes_on_the_vcpus_that_its_memory_pays_for(monkeypatch, megabytes, expected):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", megabytes)
    assert cpu.threads() == expected


@pytest.mark.usefixtures("eight_cpus")
def test_else_on_the_cpus_that_it_may_use(monkeypatch):
    assert cpu.threads() == 8
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5})
    assert cpu.threads() == 2


def test_many_cpus_are_not_all_used(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(96)))
    monkeypatch.setattr(cpu, "_quota", lambda: 1 << 16)
    assert cpu.threads() == cpu.MOST_THREADS


@pytest.mark.usefixtures("eight_cpus")
def test_the_setting_overrides_the_thread_count(monkeypatch):
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
    monkeypatch.setenv("ABAX_RUNTIME_THREADS", "12")
    assert cpu.threads() == 12


@pytest.mark.parametrize("setting", ["0", "-1", "many", "1.5", "9999"])
def test_a_thread_count_that_is_none_is_refused(monkeypatch, setting):
    monkeypatch.setenv("ABAX_RUNTIME_THREADS", setting)
    with pytest.raises(InvalidParameter, match=r"ABAX_RUNTIME_THREADS: .* from 1 to 256"):
        cpu.threads()


# Control groups


def group(monkeypatch, tmp_path: Path, **files: str) -> None:
    """A group of this process with these files (``memory_max``: memory.max)."""
    for name, content in files.items():
        (tmp_path / name.replace("_", ".", 1)).write_text(content + "\n")
    monkeypatch.setattr(cpu, "_groups", lambda _: iter([tmp_path]))


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"cpu_max": "150000 100000"}, 2),
        ({"cpu_max": "50000 100000"}, 0),
        ({"cpu_max": "max 100000"}, 1 << 16),
        ({"cpu_cfs_quota_us": "300000", "cpu_cfs_period_us": "100000"}, 3),
        ({"cpu_cfs_quota_us": "-1", "cpu_cfs_period_us": "100000"}, 1 << 16),
        ({}, 1 << 16),
    ],
)
def test_the_groups_cpu_quota_counts(monkeypatch, tmp_path, files, expected):
    group(monkeypatch, tmp_path, **files)
    assert cpu._quota() == expected


def test_a_fraction_of_a_cpu_is_one_thread(monkeypatch, tmp_path):
    group(monkeypatch, tmp_path, cpu_max="20000 100000")
    assert cpu.threads() == 1


def test_memory_is_what_the_group_has_left_with_its_cached_files(monkeypatch, tmp_path):
    stat = "anon 900\ninactive_file 1000\nactive_file 200\ninactive_anon 5"
    group(monkeypatch, tmp_path, memory_max="5000000", memory_current="2000000", memory_stat=stat)
    assert cpu.available_memory() == 3_001_200


def test_version_1_groups_have_their_own_names(monkeypatch, tmp_path):
    files = {"memory_limit_in_bytes": "700", "memory_usage_in_bytes": "900"}
    group(monkeypatch, tmp_path, **files)
    assert cpu.available_memory() == 0


def test_without_a_limit_memory_is_the_machines(monkeypatch, tmp_path):
    group(monkeypatch, tmp_path, memory_max="max", memory_current="2000000")
    assert 2**20 < cpu.available_memory() < 2**50


def test_this_process_has_groups_under_their_mount():
    for controller in ("cpu", "memory"):
        assert all(folder.startswith("/sys/fs/cgroup") for folder in cpu._groups(controller))
