"""What each command of the command line does: a function of its name, which returns an exit code."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from abax_runtime.errors import ContextOverflow, InvalidParameter
from abax_runtime.record import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable
    from typing import Any

    from abax_runtime.cache import Attention
    from abax_runtime.engine import Engine
    from abax_runtime.gguf import TensorType
    from abax_runtime.quantize import Report
    from abax_runtime.request import Generation, Options
    from abax_runtime.sampler import Sampling


# --- run and chat ---


def run(chosen: Namespace) -> int:
    """One text from one prompt."""
    options = _options(chosen)
    prompt = _prompt(chosen)
    if chosen.chat or chosen.system is not None:
        options["messages"] = [*_system(chosen), {"role": "user", "content": prompt}]
    stream = sys.stdout.isatty() if chosen.stream is None else chosen.stream
    with _engine(chosen, sequences=1) as engine:
        given = None if "messages" in options else prompt
        if stream and not chosen.json:
            return _shown(engine, given, options)
        result = engine.generate(given, **options)
    _out(_told(result) if chosen.json else f"{result.text}\n")
    return 0


def chat(chosen: Namespace) -> int:
    """A conversation: lines in, answers out. Ctrl-C ends an answer, and at the prompt the conversation."""
    options = _options(chosen)
    options["overflow"] = "slide"
    history = _system(chosen)
    with _engine(chosen, sequences=1) as engine:
        _note("Empty the history with /reset; leave with /quit or Ctrl-D.")
        while (line := _line("> ")) not in (None, "/quit"):
            if line == "/reset":
                history = _system(chosen)
            elif line:
                history.append({"role": "user", "content": line})
                _forget(engine, history, len(_system(chosen)))
                history.append({"role": "assistant", "content": _reply(engine, history, options)})
    return 0


def _forget(engine: Engine, history: list[dict[str, str]], first: int) -> None:
    """Drops the oldest turns until the rest, with room for an answer, fits the context."""
    from abax_runtime.request import Request

    while len(history) > first + 1:
        if len(engine.tokens(Request(messages=history))) <= engine.length * 3 // 4:
            return
        del history[first]


def _reply(engine: Engine, history: list[dict[str, str]], options: Options) -> str:
    """Shows an answer as it comes; what came before Ctrl-C counts."""
    said = ""
    options["messages"] = history
    try:
        for delta in engine.stream(**options):
            said += delta.text
            _out(delta.text)
    except KeyboardInterrupt:
        _note(" (cut)")
    except ContextOverflow as error:
        _note(f"error: {error}")
    _out("\n")
    return said


def _line(prompt: str) -> str | None:
    try:
        return input(prompt).strip()
    except EOFError:
        _out("\n")
        return None


def _shown(engine: Engine, prompt: str | None, options: Options) -> int:
    for delta in engine.stream(prompt, **options):
        _out(delta.text)
    _out("\n")
    return 0


def _told(result: Generation) -> str:
    """A result as JSON."""
    told: dict[str, Any] = result._asdict() | {"completion_tokens": result.completion_tokens}
    told["timings"] = result.timings._asdict()
    if result.logprobs is None:
        del told["logprobs"]
    else:
        told["logprobs"] = [
            {"token": entry.token, "text": _text(entry.piece), "logprob": entry.logprob}
            | {"top": [[_text(other.piece), other.logprob] for other in entry.top]}
            for entry in result.logprobs
        ]
    return _json(told)


def _text(piece: bytes) -> str:
    return piece.decode(errors="replace")


def _prompt(chosen: Namespace) -> str:
    if chosen.prompt is not None:
        return str(chosen.prompt)
    if chosen.prompt_file is not None:
        return _read(chosen.prompt_file, "prompt-file")
    if sys.stdin.isatty():
        raise InvalidParameter("prompt", "give --prompt or --prompt-file, or pipe it in")
    return sys.stdin.read()


def _system(chosen: Namespace) -> list[dict[str, str]]:
    return [] if chosen.system is None else [{"role": "system", "content": chosen.system}]


def _options(chosen: Namespace) -> Options:
    """The fields of a request that the command line has; those it was not given keep their defaults."""
    options: Options = {
        "max_tokens": chosen.max_tokens,
        "sampling": _sampling(chosen),
        "stop": chosen.stop,
        "draft": not getattr(chosen, "no_draft", False),
    }
    if getattr(chosen, "schema", None):
        options["schema"] = _read(chosen.schema, "schema")
    if getattr(chosen, "source", None):
        options["source"] = _read(chosen.source, "source")
    if getattr(chosen, "prefix", None):
        options["prefix"] = chosen.prefix
    if chosen.adapter:
        options["adapter"] = _adapter_name(chosen.adapter)
    if getattr(chosen, "seconds", None) is not None:
        options["deadline"] = time.monotonic() + chosen.seconds
    return options


def _sampling(chosen: Namespace) -> Sampling:
    from abax_runtime.sampler import Sampling

    names = ("temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed", "logprobs")
    given = {name: getattr(chosen, name, None) for name in names}
    return Sampling(**{name: value for name, value in given.items() if value is not None})


def _adapter_name(given: str) -> str:
    """Of a name, or of a file."""
    return Path(given).stem if Path(given).is_file() else given


def _adapter_paths(chosen: Namespace) -> list[str] | None:
    """What ``--adapters`` names, and the file that ``--adapter`` may name; None: what is found."""
    wanted = getattr(chosen, "adapter", None) or ""
    own = [wanted] if wanted and Path(wanted).is_file() else []
    return [*own, *(chosen.adapters or ())] or None


def _engine(chosen: Namespace, sequences: int) -> Engine:
    from abax_runtime.engine import Engine

    return Engine.open(
        chosen.model,
        length=_length(chosen),
        sequences=sequences,
        threads=chosen.threads,
        kv=chosen.kv,
        kv_path=Path(chosen.kv_file) if chosen.kv_file else None,
        attention=_attention(chosen),
        batch=chosen.batch,
        adapters=_adapter_paths(chosen),
    )


def _attention(chosen: Namespace) -> Attention | None:
    from abax_runtime.cache import Attention

    names = ("window", "stride", "block", "global_tokens")
    sizes = {name: getattr(chosen, name) for name in names if getattr(chosen, name) is not None}
    return Attention(chosen.attention, **sizes)


# --- files ---


def info(chosen: Namespace) -> int:
    """What a model file holds."""
    from abax_runtime.cache import CacheShape
    from abax_runtime.config import read_config
    from abax_runtime.cpu import available_memory
    from abax_runtime.gguf import open_gguf
    from abax_runtime.models import default_model

    with open_gguf(chosen.file or default_model()) as gguf:
        embedding = gguf.tensors.get("token_embd.weight")
        config = read_config(gguf.metadata, embedding.shape[0] if embedding is not None else 0)
        length = min(chosen.length, config.context_length)
        cache = CacheShape(1, length, config.layers, config.kv_heads, config.head_size, "f16").total_bytes
        needed, available = gguf.size + cache, available_memory()
        told = {
            "file": str(gguf.path),
            "fingerprint": gguf.fingerprint,
            "name": config.name,
            "architecture": config.architecture,
            "layers": config.layers,
            "width": config.width,
            "heads": config.heads,
            "kv_heads": config.kv_heads,
            "head_size": config.head_size,
            "feed_forward": config.feed_forward,
            "vocabulary": config.vocabulary,
            "context_length": config.context_length,
            "parameters": sum(_elements(tensor.shape) for tensor in gguf.tensors.values()),
            "tensors": _types(tensor.type.name for tensor in gguf.tensors.values()),
            "tokenizer": gguf.metadata.get("tokenizer.ggml.model"),
            "chat_template": bool(gguf.metadata.get("tokenizer.chat_template")),
            "file_bytes": gguf.size,
            "cache_bytes": cache,
            "cache_length": length,
            "available_bytes": available,
            "fits": needed <= available,
        }
    _out(_json(told) if chosen.json else _described(told))
    return 0


def _described(told: dict[str, Any]) -> str:
    """For people: one fact a line."""
    megabytes = {
        name: f"{told[name] / 2**20:,.0f} MiB" for name in ("file_bytes", "cache_bytes", "available_bytes")
    }
    lines = {
        "file": told["file"],
        "model": f"{told['name']} ({told['architecture']}, {told['parameters'] / 1e6:,.0f} M parameters)",
        "layers": f"{told['layers']} of width {told['width']}, feed-forward {told['feed_forward']}",
        "heads": f"{told['heads']}, {told['kv_heads']} of keys and values, of size {told['head_size']}",
        "context": f"{told['context_length']:,} tokens",
        "vocabulary": f"{told['vocabulary']:,} tokens, tokenizer {told['tokenizer']}",
        "chat": "has a template" if told["chat_template"] else "no template",
        "tensors": ", ".join(f"{count} {kind}" for kind, count in told["tensors"].items()),
        "memory": f"{megabytes['file_bytes']} weights + {megabytes['cache_bytes']} cache of "
        f"{told['cache_length']:,} tokens; {megabytes['available_bytes']} available: "
        + ("fits" if told["fits"] else "does not fit"),
        "fingerprint": told["fingerprint"],
    }
    return "".join(f"{name:<12} {text}\n" for name, text in lines.items())


def _elements(shape: Iterable[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count


def _types(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: -pair[1]))


def fetch(chosen: Namespace) -> int:
    """The default model's file."""
    from abax_runtime.models import fetch as fetch_model

    _note("fetching the default model (98 MB), unless it is there")
    _out(f"{fetch_model(Path(chosen.to) if chosen.to else None)}\n")
    return 0


def quantize(chosen: Namespace) -> int:
    """A model with smaller weights."""
    from abax_runtime.gguf import TensorType
    from abax_runtime.quantize import quantize as quantize_file

    report = quantize_file(
        chosen.source,
        _destination(chosen),
        "mixed" if chosen.type == "mixed" else _kind("type", chosen.type),
        output=_kind("output-type", chosen.output_type) if chosen.output_type else TensorType.Q8_0,
        bits=chosen.bits,
        requantize=chosen.requantize,
        threads=chosen.threads,
        progress=Progress("quantising"),
    )
    return _reported(chosen, report)


def import_folder(chosen: Namespace) -> int:
    """A GGUF file of a Hugging Face folder."""
    from abax_runtime.safetensors import import_folder as import_files

    kind = _kind("type", chosen.type) if chosen.type else None
    report = import_files(
        chosen.source, _destination(chosen), kind, threads=chosen.threads, progress=Progress("importing")
    )
    return _reported(chosen, report)


def _destination(chosen: Namespace) -> Path:
    """Where a model may be written: a new file, or in the place of another model."""
    path = Path(chosen.destination)
    if not path.parent.is_dir():
        raise InvalidParameter("destination", f"there is no folder {path.parent}")
    if path.is_dir():
        raise InvalidParameter("destination", f"{path} is a folder; name a file in it")
    if path.exists() and path.stat().st_size:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise InvalidParameter("destination", f"{path} is there and no GGUF file: name another")
    return path


def _kind(field: str, name: str) -> TensorType:
    from abax_runtime.gguf import TensorType

    if name.upper() not in TensorType.__members__:
        raise InvalidParameter(field, f"{name!r} is no tensor type; Q8_0, Q4_0, Q4_1, F16… are")
    return TensorType[name.upper()]


def _reported(chosen: Namespace, report: Report) -> int:
    """What was written."""
    told = {
        "file": chosen.destination,
        "bytes": Path(chosen.destination).stat().st_size,
        "bits_per_weight": round(report.bits_per_weight, 3),
        "relative_error": round(report.relative_error, 6),
    }
    words = "{file}: {bytes:,} bytes, {bits_per_weight} bits per weight, relative error {relative_error}\n"
    _out(_json(told) if chosen.json else words.format(**told))
    return 0


# --- adapters ---


def adapter_list(chosen: Namespace) -> int:
    """The adapters of folders, or those that the setting names or that ship; what cannot be read says why."""
    from abax_runtime.adapter import adapter_files, describe, told
    from abax_runtime.errors import RuntimeFault
    from abax_runtime.gguf import open_gguf

    rows: list[dict[str, Any]] = []
    for name, path in (adapter_files(chosen.paths) if chosen.paths else _known_adapters()).items():
        try:
            with open_gguf(path) as gguf:
                rows.append({"adapter": name} | told(describe(gguf), gguf))
        except RuntimeFault as error:
            rows.append({"adapter": name, "file": str(path), "error": str(error)})
    if not rows:
        _note("there is no adapter here; training/README.md tells how one is made")
    _out(_json(rows) if chosen.json else "".join(map(_adapter_line, rows)))
    return 0


def _known_adapters() -> dict[str, Path]:
    """Those that the setting names, else those that ship, by name."""
    from abax_runtime.adapter import adapter_files
    from abax_runtime.models import named_adapters, shipped_adapters

    named = named_adapters()
    return adapter_files(shipped_adapters() if named is None else named)


def _adapter_file(given: str) -> Path:
    """A file, or the adapter that ``adapter list`` has by that name."""
    path, known = Path(given), _known_adapters()
    if path.exists() or given in known:
        return path if path.exists() else known[given]
    from abax_runtime.errors import ModelMissing

    raise ModelMissing(
        f"there is no file {given}, nor an adapter of that name; known are: {', '.join(known) or 'none'}"
    )


def _adapter_line(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['adapter']:<24} {row['error']}\n"
    ranks = ", ".join(map(str, row["ranks"]))
    return (
        f"{row['adapter']:<24} rank {ranks}, {row['parameters'] / 1e6:.1f} M parameters, "
        f"{row['file_bytes'] / 1e6:.1f} MB, of {row['base'] or 'a base that it does not name'}\n"
    )


def adapter_info(chosen: Namespace) -> int:
    """What an adapter file holds; with a model, whether it fits."""
    from abax_runtime.adapter import check_base, describe, told
    from abax_runtime.gguf import open_gguf

    with open_gguf(_adapter_file(chosen.file)) as gguf:
        found = describe(gguf)
        facts = told(found, gguf)
        if chosen.model:
            with open_gguf(chosen.model) as base:
                check_base(found, base)
            facts["fits"] = chosen.model
    _out(_json(facts) if chosen.json else _adapter_facts(facts))
    return 0


def _adapter_facts(facts: dict[str, Any]) -> str:
    """One fact a line."""
    lines = {
        "file": f"{facts['file']} ({facts['file_bytes'] / 2**20:.1f} MiB)",
        "name": facts["name"],
        "base": f"{facts['base']} ({facts['architecture']})",
        "base sha256": ", ".join(facts["base_sha256"]) or "not told",
        "rank": f"{', '.join(map(str, facts['ranks']))}, alpha {facts['alpha']:g}",
        "targets": f"{', '.join(facts['targets'])}; {facts['matrices']} matrices of {facts['layers']} layers",
        "parameters": f"{facts['parameters']:,} in {', '.join(facts['types'])}",
        "fingerprint": facts["fingerprint"],
        **{
            f"training {key}": f"{value:g}" if isinstance(value, float) else value
            for key, value in facts["training"].items()
        },
    }
    return "".join(f"{name:<12} {text}\n" for name, text in lines.items())


def adapter_merge(chosen: Namespace) -> int:
    """A plain model of a base and an adapter."""
    from abax_runtime.merge import merge
    from abax_runtime.models import default_model

    report = merge(
        default_model() if chosen.base == "default" else chosen.base,
        _adapter_file(chosen.adapter_file),
        _destination(chosen),
        _kind("type", chosen.type) if chosen.type else None,
        threads=chosen.threads,
        progress=Progress("merging"),
    )
    return _reported(chosen, report)


# --- prefixes ---


def prefix_build(chosen: Namespace) -> int:
    """Stores the state of a beginning."""
    text, system = chosen.text, chosen.system
    if chosen.text_file:
        text = _read(chosen.text_file, "text-file")
    if chosen.system_file:
        system = _read(chosen.system_file, "system-file")
    with _engine(chosen, sequences=1) as engine:
        adapter = _adapter_name(chosen.adapter)
        stored = engine.build_prefix(chosen.destination, text, system=system, adapter=adapter)
    size = stored.path.stat().st_size
    _out(f"{stored.path}: {len(stored.tokens)} tokens, {size / 2**20:.1f} MiB, key {stored.key}\n")
    return 0


def prefix_all(chosen: Namespace) -> int:
    """Stores the beginnings of many chats where ``prefix.place`` says; those that are there stay."""
    from abax_runtime import prefix

    wanted = _beginnings(sys.stdin.read() if chosen.file == "-" else _read(chosen.file, "file"))
    with _engine(chosen, sequences=1) as engine:
        every = _adapter_name(chosen.adapter)
        for name, (messages, own) in wanted.items():
            adapter = every or _known(own, engine, name)
            fingerprint = engine.model.fingerprint(engine.adapters.get(adapter))
            path = prefix.place(engine.model.gguf.path, fingerprint, name)
            if not _is_stored(path):
                engine.build_prefix(path, messages=messages, adapter=adapter)
            size, told = path.stat().st_size, f" with {adapter}" if adapter else ""
            _out(f"{path}: {len(prefix.read(path).tokens)} tokens{told}, {size / 2**20:.1f} MiB\n")
    return 0


def _known(adapter: str, engine: Engine, name: str) -> str:
    """The adapter, if there is one of that name: without it requests go to the model as it is."""
    if not adapter or adapter in engine.adapters.names:
        return adapter
    _note(f"{name}: there is no adapter {adapter}, so it is read without")
    return ""


def _beginnings(text: str) -> dict[str, tuple[list[dict[str, str]], str]]:
    """Messages and adapter by name, of JSON lines."""
    import json

    found: dict[str, tuple[list[dict[str, str]], str]] = {}
    for number, line in enumerate(filter(str.strip, text.splitlines()), 1):
        try:
            told = json.loads(line)
            name, messages = told["name"], [dict(message) for message in told["messages"]]
            adapter = told.get("adapter", "")
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidParameter("file", f"line {number} is no name with messages: {error!r}") from error
        if not isinstance(name, str) or not name.strip(".") or Path(name).name != name:
            raise InvalidParameter("file", f"line {number}: {name!r} is no name for a file")
        if not isinstance(adapter, str):
            raise InvalidParameter("file", f"line {number}: {adapter!r} is no name of an adapter")
        found[name] = messages, adapter
    if not found:
        raise InvalidParameter("file", "names no beginning")
    return found


def _is_stored(path: Path) -> bool:
    from abax_runtime import prefix
    from abax_runtime.errors import InvalidModel

    try:
        return bool(prefix.read(path).tokens) and path.is_file()
    except (InvalidModel, InvalidParameter):
        return False


def prefix_info(chosen: Namespace) -> int:
    """What a stored prefix is of."""
    from abax_runtime.prefix import read

    stored = read(chosen.file)
    told = {"file": str(stored.path), "key": stored.key, "fingerprint": stored.fingerprint}
    told |= {"attention": stored.attention, "tokens": str(len(stored.tokens)), "text": stored.text}
    _out(_json(told) if chosen.json else "".join(f"{name:<12} {text}\n" for name, text in told.items()))
    return 0


# --- bench and serve ---


def bench(chosen: Namespace) -> int:
    """Tokens per second of prefill and decode."""
    from abax_runtime.bench import measure

    threads = chosen.threads or [None]
    rows = [measure(chosen, count, _length(chosen), _attention(chosen)) for count in threads]
    if chosen.json:
        _out(_json([row._asdict() for row in rows]))
        return 0
    _out(f"{'threads':>7}  {'prefill tok/s':>13}  {'decode tok/s':>12}\n")
    for row in rows:
        _out(f"{row.threads:>7}  {row.prefill_per_s:>13.1f}  {row.decode_per_s:>12.1f}\n")
    return 0


def serve(chosen: Namespace) -> int:
    """The OpenAI API, until interrupted."""
    import os

    from abax_runtime import server

    with (
        server.listen(chosen.host, chosen.port) as listener,
        _engine(chosen, sequences=chosen.sequences) as engine,
    ):
        key = chosen.api_key or os.environ.get("ABAX_RUNTIME_API_KEY") or None
        name = chosen.name or engine.model.gguf.path.stem
        for adapter in engine.adapters.names:
            engine.adapters.get(adapter)  # what cannot be served is said now
        settings = server.Settings(name, api_key=key, queue=chosen.queue)
        _note(f"{name} at http://{chosen.host}:{chosen.port}/v1; Ctrl-C ends it")
        server.serve(engine, settings, listener)
    return 0


# --- in and out ---


class Progress:
    """One line on standard error that is written over in a terminal; elsewhere a line at each tenth."""

    def __init__(self, what: str) -> None:
        self._what, self._tenth = what, -1

    def __call__(self, name: str, done: int, total: int) -> None:
        """``done`` of ``total`` parts are ready, and ``name`` is next."""
        tenth = 10 * done // max(total, 1)
        if sys.stderr.isatty():
            end = "\n" if done + 1 >= total else ""
            sys.stderr.write(f"\r{self._what} {done}/{total} {name:<50.50}{end}")
            sys.stderr.flush()
        elif tenth != self._tenth:
            _note(f"{self._what} {done}/{total}")
        self._tenth = tenth


def _length(chosen: Namespace) -> int:
    return int(chosen.length)


def _read(path: str, field: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidParameter(field, f"{path} is not UTF-8: {error}") from error
    except OSError as error:
        raise InvalidParameter(field, f"{path} cannot be read: {error.strerror}") from error


def _json(told: object) -> str:
    import json

    return json.dumps(told, ensure_ascii=False, indent=2, default=str) + "\n"


def _out(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")
