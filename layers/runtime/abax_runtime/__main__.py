"""The runtime's command line: ``python -m abax_runtime --help``.

Every command's code is imported when it is run, so that ``run`` starts fast. Exit codes: 0 done, 1 failed
(one line says why), 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys

from abax_runtime import __version__
from abax_runtime.errors import RuntimeFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "python -m abax_runtime"

COMMANDS = {
    "info": "what a model file holds, and whether it fits in memory",
    "fetch": "download the default model (98 MB)",
    "run": "generate one text from a prompt",
    "chat": "talk with the model",
    "bench": "measure prefill and decode, tokens per second",
    "quantize": "write a model with smaller weights",
    "import": "make a GGUF file of a Hugging Face folder",
    "adapter": "list, describe or merge low-rank adapters",
    "prefix": "store the state of a fixed beginning of prompts",
    "serve": "answer the OpenAI API over HTTP",
}

PATTERN = {
    "window": "local_window, strided: the last N tokens (512)",
    "stride": "strided: and before them every Nth (64)",
    "block": "block_local_global: the token's own block of N and the one before (256)",
    "global-tokens": "block_local_global: and the first N (64)",
}

EPILOG = """\
models:
  Without --model it is $ABAX_RUNTIME_MODEL, or the default model (see fetch).
examples:
  python -m abax_runtime run --prompt "The capital of France is" --max-tokens 8
  python -m abax_runtime run --chat --prompt "Who wrote Emma?"
  python -m abax_runtime run --prompt-file invoice.txt --schema invoice.json --source invoice.txt
  python -m abax_runtime serve --port 8080
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code."""
    chosen = _parsed(sys.argv[1:] if arguments is None else list(arguments))
    try:
        from abax_runtime import commands

        code: int = getattr(commands, chosen.command)(chosen)
        sys.stdout.flush()
    except RuntimeFault as error:
        return _say(f"error: {error}", 1)
    except KeyboardInterrupt:
        return _say("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _say(f"error: {error}", 1)
    return code


def _say(text: str, code: int) -> int:
    sys.stderr.write(f"{text}\n")
    return code


def _parsed(arguments: list[str]) -> argparse.Namespace:
    """The command and its options. Only the parser that is needed is made: the first token waits for it."""
    if not arguments or arguments[0] not in COMMANDS:
        return _overview().parse_args(arguments)
    name = arguments[0]
    parser = argparse.ArgumentParser(prog=f"{PROGRAM} {name}", description=f"{COMMANDS[name]}.")
    parser.set_defaults(command=name)
    OPTIONS[name](parser)
    return parser.parse_args(arguments[1:])


def _overview() -> argparse.ArgumentParser:
    """For help, and for what is no command."""
    parser = argparse.ArgumentParser(
        prog=PROGRAM,
        description="Language models on CPUs.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"abax_runtime {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, told in COMMANDS.items():
        commands.add_parser(name, help=told)
    return parser


def _info(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", nargs="?", help="a GGUF file; by default the default model")
    command.add_argument("--length", type=_count, default=2048, help="context to reckon with (2048)")
    command.add_argument("--json", action="store_true", help="as JSON")


def _fetch(command: argparse.ArgumentParser) -> None:
    command.add_argument("--to", metavar="DIR", help="folder; by default the cache")


def _run(command: argparse.ArgumentParser) -> None:
    prompt = command.add_mutually_exclusive_group()
    prompt.add_argument("-p", "--prompt", help="the prompt; by default it is read from standard input")
    prompt.add_argument("-f", "--prompt-file", metavar="FILE", help="a file with the prompt")
    command.add_argument("--chat", action="store_true", help="send it as a chat message, in the model's form")
    command.add_argument("--system", help="a system message before it (implies --chat)")
    command.add_argument("--schema", metavar="FILE", help="a JSON schema that the text must fit")
    command.add_argument(
        "--source", metavar="FILE", help="the text that the schema's grounded fields are from"
    )
    command.add_argument("--prefix", metavar="FILE", help="a stored prefix that the prompt begins with")
    command.add_argument("--seconds", type=float, help="end after so many seconds, finished or not")
    command.add_argument(
        "--logprobs", type=int, metavar="N", help="with --json: N alternatives of each token"
    )
    command.add_argument("--no-draft", action="store_true", help="do not guess ahead from the prompt")
    command.add_argument("--json", action="store_true", help="the whole result as JSON")
    command.add_argument(
        "--stream", action=argparse.BooleanOptionalAction, help="show pieces as they come (in a terminal)"
    )
    _sampling_options(command)
    _adapter_option(command)
    _model_options(command)


def _chat(command: argparse.ArgumentParser) -> None:
    command.add_argument("--system", help="a system message")
    _sampling_options(command)
    _adapter_option(command)
    _model_options(command)


def _bench(command: argparse.ArgumentParser) -> None:
    command.add_argument("--prompt-tokens", type=_count, default=512, help="tokens to read (512)")
    command.add_argument("--tokens", type=_count, default=128, help="tokens to write (128)")
    command.add_argument("--sequences", type=_count, default=1, help="texts at once when writing (1)")
    command.add_argument("--repeat", type=_count, default=3, help="the best of so many runs counts (3)")
    command.add_argument("--json", action="store_true", help="as JSON")
    _model_options(command, threads=_counts, threads_help="one or several, as 1,2")


def _quantize(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", help="a GGUF file, best in F32, F16 or BF16")
    command.add_argument("destination", help="the file to write")
    command.add_argument("--type", default="Q8_0", help="Q8_0, Q4_0, Q4_1 or mixed (Q8_0)")
    command.add_argument("--output-type", help="of the matrix that makes the logits (Q8_0)")
    command.add_argument("--bits", type=float, default=5.5, help="of mixed: bits per weight (5.5)")
    command.add_argument("--requantize", action="store_true", help="allow a source that is quantised already")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument("--threads", type=_count)


def _import(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", metavar="FOLDER", help="with config.json, tokenizer and safetensors files")
    command.add_argument("destination", help="the file to write")
    command.add_argument("--type", help="of its matrices, as Q8_0; by default what they are")
    command.add_argument("--json", action="store_true", help="as JSON")
    command.add_argument("--threads", type=_count)
    command.set_defaults(command="import_folder")


def _adapter(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    every = actions.add_parser("list", help="the adapters of folders")
    every.add_argument(
        "paths",
        nargs="*",
        help="files or folders; by default what $ABAX_RUNTIME_ADAPTERS names, or those that ship",
    )
    every.add_argument("--json", action="store_true", help="as JSON")
    every.set_defaults(command="adapter_list")
    info = actions.add_parser("info", help="what an adapter file holds")
    info.add_argument("file", help="a file, or a name of the list")
    info.add_argument("-m", "--model", metavar="FILE", help="check that it is for this model")
    info.add_argument("--json", action="store_true", help="as JSON")
    info.set_defaults(command="adapter_info")
    merge = actions.add_parser("merge", help="write a plain model of a base and an adapter")
    merge.add_argument("base", help="the model's GGUF file, or default")
    merge.add_argument("adapter_file", metavar="adapter", help="the adapter's file, or a name of the list")
    merge.add_argument("destination", help="the file to write")
    merge.add_argument("--type", help="of the matrices that change, as F16; by default what they are")
    merge.add_argument("--json", action="store_true", help="as JSON")
    merge.add_argument("--threads", type=_count)
    merge.set_defaults(command="adapter_merge")


def _prefix(command: argparse.ArgumentParser) -> None:
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = actions.add_parser("build", help="read a text and store the state after it")
    build.add_argument("destination", help="the file to write (and DESTINATION.json beside it)")
    text = build.add_mutually_exclusive_group(required=True)
    text.add_argument("--text", help="the raw text")
    text.add_argument("--text-file", metavar="FILE", help="a file with it")
    text.add_argument("--system", help="a chat's system message")
    text.add_argument("--system-file", metavar="FILE", help="a file with it")
    _adapter_option(build)
    _model_options(build)
    build.set_defaults(command="prefix_build")
    every = actions.add_parser("all", help="store the beginnings of many chats, beside the model")
    every.add_argument(
        "file", help='JSON lines: {"name": …, "messages": […], "adapter": …}; - for standard input'
    )
    _adapter_option(every)
    _model_options(every)
    every.set_defaults(command="prefix_all")
    info = actions.add_parser("info", help="what a stored prefix is of")
    info.add_argument("file")
    info.add_argument("--json", action="store_true", help="as JSON")
    info.set_defaults(command="prefix_info")


def _serve(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", default="127.0.0.1")
    command.add_argument("--port", type=int, default=8080)
    command.add_argument("--name", help="what the model is called; by default its file's name")
    command.add_argument("--api-key", help="ask for this key; better by $ABAX_RUNTIME_API_KEY")
    command.add_argument("--sequences", type=_count, default=4, help="texts at once (4)")
    command.add_argument("--queue", type=int, default=32, help="requests that may wait (32)")
    _adapters_option(command)
    _model_options(command)


def _model_options(
    command: argparse.ArgumentParser, *, threads: object = None, threads_help: str = "threads to compute on"
) -> None:
    model = command.add_argument_group("model")
    model.add_argument("-m", "--model", metavar="FILE", help="a GGUF file; by default the default model")
    model.add_argument("-t", "--threads", type=threads or _count, help=threads_help)  # type: ignore[arg-type]
    model.add_argument("-c", "--length", type=_count, default=2048, help="tokens of context (2048)")
    model.add_argument("--batch", type=_count, default=512, help="tokens read in one step (512)")
    model.add_argument("--kv", choices=("f16", "q8_0"), default="f16", help="form of the cache (f16)")
    model.add_argument("--kv-file", metavar="FILE", help="keep the cache in a file, where memory is short")
    model.add_argument(
        "--attention",
        choices=("full", "local_window", "strided", "block_local_global"),
        default="full",
        help="which earlier tokens each looks at (full)",
    )
    for name, told in PATTERN.items():
        model.add_argument(f"--{name}", type=_count, metavar="N", help=told)


def _adapters_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--adapters",
        action="append",
        metavar="PATH",
        help="an adapter file, or a folder of them; may be repeated (what $ABAX_RUNTIME_ADAPTERS names, or "
        "those that ship with the default model)",
    )


def _adapter_option(command: argparse.ArgumentParser) -> None:
    _adapters_option(command)
    command.add_argument(
        "--adapter", default="", help="use a low-rank adapter: a file, or a name of --adapters"
    )


def _sampling_options(command: argparse.ArgumentParser) -> None:
    sampling = command.add_argument_group("sampling")
    sampling.add_argument(
        "-n", "--max-tokens", type=_count, default=256, help="tokens to write at most (256)"
    )
    sampling.add_argument("--temperature", type=float, help="0: always the likeliest token (0)")
    sampling.add_argument("--top-k", type=int)
    sampling.add_argument("--top-p", type=float)
    sampling.add_argument("--min-p", type=float)
    sampling.add_argument("--repetition-penalty", type=float)
    sampling.add_argument("--seed", type=int, help="the same seed gives the same text")
    sampling.add_argument("--stop", action="append", default=[], help="a text that ends it; may be repeated")


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not above 0")
    return value


def _counts(text: str) -> list[int]:
    return [_count(part) for part in text.split(",")]


OPTIONS = {
    "info": _info,
    "fetch": _fetch,
    "run": _run,
    "chat": _chat,
    "bench": _bench,
    "quantize": _quantize,
    "import": _import,
    "adapter": _adapter,
    "prefix": _prefix,
    "serve": _serve,
}


if __name__ == "__main__":
    sys.exit(main())
