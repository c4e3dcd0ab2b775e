"""Models as Hugging Face keeps them, a folder of safetensors files, made into one GGUF file.

A safetensors file is the length of its header (8 bytes, little-endian), the header (JSON: name to dtype,
shape and place) and the data: https://github.com/huggingface/safetensors#format. Names, the order of rows and
the metadata follow what llama.cpp expects of the same models, so that the result runs anywhere.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from . import cpu
from .errors import InvalidModel, ModelMissing, Unsupported
from .gguf import TensorType, bytes_of, write_gguf
from .quantize import TARGETS, Made, Progress, Report, convert

ARCHITECTURES = {
    "LlamaForCausalLM": "llama",
    "MistralForCausalLM": "llama",
    "Qwen2ForCausalLM": "qwen2",
    "Qwen3ForCausalLM": "qwen3",
}
DTYPES = {"F32": TensorType.F32, "F16": TensorType.F16, "BF16": TensorType.BF16}
LARGEST_HEADER = 100_000_000  # as the reference implementation has it
FILE_TYPES = {"F32": 0, "F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "BF16": 32}
"""llama.cpp's numbers for "mostly" a type."""

_NAMES = {
    "model.embed_tokens.weight": "token_embd.weight",
    "model.norm.weight": "output_norm.weight",
    "lm_head.weight": "output.weight",
}
_LAYER_NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_LAYER = re.compile(r"model\.layers\.(\d{1,4})\.([a-z_.]+)\.(weight|bias)")


class Stored(NamedTuple):
    """A tensor of a safetensors file: its data, and where that came from, for messages."""

    type: TensorType
    shape: tuple[int, ...]
    data: memoryview
    where: str

    @property
    def elements(self) -> int:
        """Their number."""
        return math.prod(self.shape)


def import_folder(
    folder: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    kind: TensorType | None = None,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Write a folder's model to a GGUF file, its matrices as `kind` (None: as they are), vectors as float32.

    Raises ModelMissing for a file that is not there, InvalidModel for one that cannot be what it says, and
    Unsupported for an architecture, tensor, tokenizer or type that we do not know, by its name.
    """
    if kind is not None and kind not in TARGETS:
        raise Unsupported(f"cannot write {kind.name}, only {', '.join(target.name for target in TARGETS)}")
    folder, report = Path(folder), Report()
    config = Configuration(folder)
    stored = {
        config.name_of(name): tensor for name, tensor in read_folder(folder).items() if config.wants(name)
    }
    if "token_embd.weight" not in stored:
        raise InvalidModel(f"{folder}: there is no model.embed_tokens.weight")
    vocabulary = stored["token_embd.weight"].shape[0]
    metadata = config.metadata() | {f"{config.architecture}.vocab_size": vocabulary}
    metadata |= tokenizer_metadata(folder, vocabulary)
    stored |= config.made_tensors()
    most = kind or stored["token_embd.weight"].type
    metadata |= {"general.file_type": FILE_TYPES[most.name], "general.quantization_version": 2}
    with ThreadPoolExecutor(threads or cpu.threads()) as pool:
        makers = [
            Maker(number, len(stored), name, tensor, kind, config, pool, report, progress)
            for number, (name, tensor) in enumerate(stored.items())
        ]
        write_gguf(destination, metadata, [(m.name, m.target, m.tensor.shape, m) for m in makers])
    return report


@dataclass
class Maker:
    """Makes one tensor's data when it is called: one at a time is in memory."""

    number: int
    count: int
    name: str
    tensor: Stored
    kind: TensorType | None
    config: Configuration
    pool: ThreadPoolExecutor
    report: Report
    progress: Progress | None

    @property
    def target(self) -> TensorType:
        """The type that the file shall have it in."""
        target = (self.kind or self.tensor.type) if len(self.tensor.shape) > 1 else TensorType.F32
        if self.tensor.shape[-1] % target.block[0]:
            columns = self.tensor.shape[-1]
            raise Unsupported(f"{self.tensor.where}: rows of {columns} values cannot be {target.name}")
        return target

    def __call__(self) -> Any:
        if self.progress:
            self.progress(self.name, self.number, self.count)
        tensor, target = self.tensor, self.target
        data = self.config.ordered(self.name, tensor)
        if target == tensor.type:
            made = Made(self.name, target, target, len(tensor.data), tensor.elements)
        else:
            data, made = convert(
                tensor.where, self.name, data, tensor.type, tensor.elements, target, self.pool
            )
        self.report.tensors.append(made)
        return data


# ---------------------------------------------------------------------------------------------- the weights


def read_folder(folder: Path) -> dict[str, Stored]:
    """All tensors of a folder's safetensors files, mapped: those of its index, or of its one file."""
    index = folder / "model.safetensors.index.json"
    if not index.exists():
        return read_file(folder / "model.safetensors")
    places = _json(index).get("weight_map")
    if not isinstance(places, dict) or not all(isinstance(file, str) for file in places.values()):
        raise InvalidModel(f"{index}: weight_map does not map names to files")
    files: dict[str, dict[str, Stored]] = {}
    for file in sorted(set(places.values())):
        if Path(file).name != file:
            raise InvalidModel(f"{index}: {file!r} is no file of this folder")
        files[file] = read_file(folder / file)
    missing = [name for name, file in places.items() if name not in files[file]]
    if missing:
        raise InvalidModel(f"{index}: {missing[0]} is not in {places[missing[0]]}")
    return {name: files[file][name] for name, file in places.items()}


def read_file(path: Path) -> dict[str, Stored]:
    """The tensors of one file, mapped. Every length, place and shape is checked before it is used."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < 8:
                raise InvalidModel(f"{path}: {size} bytes are too few for a safetensors file")
            data = memoryview(mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ))
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read: {error.strerror}") from error
    length = int.from_bytes(data[:8], "little")
    if length > min(LARGEST_HEADER, size - 8):
        raise InvalidModel(f"{path}: a header of {length:,} bytes in {size:,}")
    header = _parsed(path, bytes(data[8 : 8 + length]))
    body = data[8 + length :]
    return {
        name: _stored(path, name, entry, body) for name, entry in header.items() if name != "__metadata__"
    }


def _stored(path: Path, name: str, entry: Any, body: memoryview) -> Stored:
    where = f"{path}: {name[:200]}"
    try:
        dtype, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    except (TypeError, KeyError, ValueError) as error:
        raise InvalidModel(f"{where} lacks its dtype, shape or data_offsets") from error
    if dtype not in DTYPES:
        raise Unsupported(f"{where} is of dtype {str(dtype)[:20]}; supported are {', '.join(DTYPES)}")
    numbers = [*shape, begin, end] if isinstance(shape, list) else [None]
    if not all(type(number) is int and number >= 0 for number in numbers) or not 1 <= len(shape) <= 4:
        raise InvalidModel(f"{where}: shape {str(shape)[:80]} at {str((begin, end))[:80]}")
    kind, elements = DTYPES[dtype], math.prod(shape)
    if not elements or end - begin != bytes_of(kind, elements) or end > len(body):
        raise InvalidModel(
            f"{where}: shape {shape} of {dtype} at bytes {begin:,} to {end:,} of {len(body):,}"
        )
    return Stored(kind, tuple(shape), body[begin:end], where)


def _json(path: Path) -> dict[str, Any]:
    try:
        return _parsed(path, path.read_bytes())
    except OSError as error:
        raise ModelMissing(f"{path} cannot be read: {error.strerror}") from error


def _parsed(path: Path, data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidModel(f"{path}: no valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise InvalidModel(f"{path}: JSON of {type(found).__name__}, not an object")
    return found


# ---------------------------------------------------------------------------------------- the configuration


class Configuration:
    """config.json: which model it is, and its sizes. Raises InvalidModel and Unsupported when made."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "config.json"
        self.values = _json(self.path)
        named = self.values.get("architectures") or ["none"]
        if not isinstance(named, list) or named[0] not in ARCHITECTURES:
            raise Unsupported(
                f"{self.path}: architecture {str(named)[:80]}; known are {', '.join(ARCHITECTURES)}"
            )
        self.architecture = ARCHITECTURES[named[0]]
        self.name = str(self.values.get("_name_or_path") or folder.resolve().name)
        self.heads = self.whole("num_attention_heads")
        self.kv_heads = self.whole("num_key_value_heads", self.heads)
        self.head_size = self.whole("head_dim", self.whole("hidden_size") // self.heads)
        self.tied = bool(self.values.get("tie_word_embeddings"))
        rope = self.values.get("rope_parameters") or self.values.get("rope_scaling") or {}
        if not isinstance(rope, dict):
            raise InvalidModel(f"{self.path}: rope_scaling is {str(rope)[:80]}")
        self.rope: dict[str, Any] = rope
        self.rope_type = str(rope.get("rope_type") or rope.get("type") or "default")
        if self.rope_type not in ("default", "linear", "yarn", "llama3"):
            raise Unsupported(f"{self.path}: rope scaling {self.rope_type!r}")
        for key, computed in (("hidden_act", "silu"), ("use_sliding_window", False)):
            if self.values.get(key, computed) != computed:
                raise Unsupported(f"{self.path}: {key} is {str(self.values[key])[:40]}, not {computed}")

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number above 0."""
        found = self.values.get(key)
        found = default if found is None else found
        if type(found) is not int or found < 1:
            raise InvalidModel(f"{self.path}: {key} is {found!r}, not a whole number above 0")
        return found

    def number(self, values: Mapping[str, Any], key: str, default: float | None = None) -> float:
        """A finite number above 0."""
        found = values.get(key)
        found = default if found is None else found
        if not isinstance(found, (int, float)) or not 0 < found < math.inf:
            raise InvalidModel(f"{self.path}: {key} is {found!r}, not a number above 0")
        return float(found)

    @property
    def rope_base(self) -> float:
        """The rotation's base frequency, from where newer or older files have it."""
        key = "rope_theta"
        return self.number(self.rope if key in self.rope else self.values, key, 10_000.0)

    def metadata(self) -> dict[str, Any]:
        """What a GGUF file says of the same model."""
        sizes = {
            "block_count": self.whole("num_hidden_layers"),
            "context_length": self.whole("max_position_embeddings"),
            "embedding_length": self.whole("hidden_size"),
            "feed_forward_length": self.whole("intermediate_size"),
            "attention.head_count": self.heads,
            "attention.head_count_kv": self.kv_heads,
            "attention.key_length": self.head_size,
            "attention.value_length": self.head_size,
            "attention.layer_norm_rms_epsilon": self.number(self.values, "rms_norm_eps", 1e-6),
            "rope.freq_base": self.rope_base,
            "rope.dimension_count": self.head_size,
        }
        general = {"general.architecture": self.architecture, "general.name": self.name}
        return general | {
            f"{self.architecture}.{key}": value for key, value in (sizes | self._scaling()).items()
        }

    def _scaling(self) -> dict[str, Any]:
        if self.rope_type not in ("linear", "yarn"):
            return {}
        found: dict[str, Any] = {
            "rope.scaling.type": self.rope_type,
            "rope.scaling.factor": self.number(self.rope, "factor"),
        }
        if self.rope_type == "yarn":
            trained = self.number(
                self.rope, "original_max_position_embeddings", self.whole("max_position_embeddings")
            )
            found["rope.scaling.original_context_length"] = int(trained)
        return found

    def wants(self, name: str) -> bool:
        """Whether a tensor is a weight; tied output matrices and stored frequencies are not."""
        return not name.endswith("rotary_emb.inv_freq") and not (self.tied and name == "lm_head.weight")

    def name_of(self, name: str) -> str:
        """A tensor's name in GGUF; Unsupported for one that we do not compute with."""
        if name in _NAMES:
            return _NAMES[name]
        found = _LAYER.fullmatch(name)
        if found and found[2] in _LAYER_NAMES:
            return f"blk.{found[1]}.{_LAYER_NAMES[found[2]]}.{found[3]}"
        raise Unsupported(f"{self.path.parent}: a {self.architecture} with the tensor {name[:200]}")

    def ordered(self, name: str, tensor: Stored) -> Any:
        """A tensor's data with its rows in GGUF's order.

        Rotary embedding turns pairs of rows of each head of queries and keys. Hugging Face has the firsts of
        all pairs before the seconds; GGUF, for ``llama``, has both of a pair side by side.
        """
        part = re.search(r"\.attn_([qk])\.(weight|bias)$", name)
        if self.architecture != "llama" or part is None:
            return tensor.data
        heads = self.heads if part[1] == "q" else self.kv_heads
        if tensor.shape[0] != heads * self.head_size or self.head_size % 2:
            raise InvalidModel(
                f"{tensor.where}: {tensor.shape[0]} rows for {heads} heads of {self.head_size}"
            )
        import numpy as np

        rows = np.frombuffer(tensor.data, np.uint8).reshape(heads, 2, self.head_size // 2, -1)
        return np.ascontiguousarray(rows.swapaxes(1, 2)).reshape(-1)

    def made_tensors(self) -> dict[str, Stored]:
        """Tensors that the folder describes in words: Llama 3's divisors of the rotation's frequencies."""
        if self.rope_type != "llama3":
            return {}
        divisors = array("f", self._llama3_divisors())
        data = memoryview(divisors).cast("B")
        return {"rope_freqs.weight": Stored(TensorType.F32, (len(divisors),), data, f"{self.path}: rope")}

    def _llama3_divisors(self) -> Iterator[float]:
        """By wavelength: short ones stay, long ones are stretched by the factor, those between by degrees.

        As Llama 3.1's reference implementation, ``apply_scaling`` in llama-models.
        """
        factor, low, high, trained = (
            self.number(self.rope, key)
            for key in ("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings")
        )
        for pair in range(0, self.head_size, 2):
            turns = trained / (2 * math.pi * self.rope_base ** (pair / self.head_size))
            smooth = min(1.0, max(0.0, (turns - low) / (high - low)))
            yield 1 / ((1 - smooth) / factor + smooth)


# -------------------------------------------------------------------------------------------- the tokenizer

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6
"""Types of tokens in a GGUF file."""


class Vocabulary:
    """Tokens by number, with types and scores, as many as the embedding has rows."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.tokens = [f"[PAD{id}]" for id in range(size)]
        self.types = [UNUSED] * size
        self.scores = [-10_000.0] * size

    def put(self, id: Any, token: Any, kind: int, score: float = 0.0) -> None:
        """Set one; InvalidModel for one without a row."""
        if type(id) is not int or not isinstance(token, str) or not 0 <= id < len(self.tokens):
            text, number = str(token)[:40], str(id)[:40]
            raise InvalidModel(f"{self.folder}: token {text!r} is number {number} of {len(self.tokens)}")
        self.tokens[id], self.types[id], self.scores[id] = token, kind, score

    def put_added(self, added: Any) -> None:
        """Set the tokens that were added to a vocabulary: special ones, and whole words."""
        for one in added if isinstance(added, list) else []:
            if isinstance(one, dict):
                kind = CONTROL if one.get("special") else USER_DEFINED
                self.put(one.get("id"), one.get("content"), kind, -1000.0)

    def number(self, token: Any) -> int | None:
        """Of a token by its text, or as the text's description has it."""
        text = token.get("content") if isinstance(token, dict) else token
        return self.tokens.index(text) if text in self.tokens else None


def tokenizer_metadata(folder: Path, size: int) -> dict[str, Any]:
    """What a GGUF file says of a folder's tokenizer, for an embedding of `size` rows."""
    settings = _json(folder / "tokenizer_config.json") if (folder / "tokenizer_config.json").exists() else {}
    described = _json(folder / "tokenizer.json") if (folder / "tokenizer.json").exists() else {}
    vocabulary = Vocabulary(folder, size)
    if (folder / "tokenizer.model").exists():
        found = _sentence_pieces(folder / "tokenizer.model", vocabulary)
    elif described:
        found = _byte_pairs(folder / "tokenizer.json", described, vocabulary)
    else:
        raise ModelMissing(f"{folder} has neither tokenizer.json nor tokenizer.model")
    vocabulary.put_added(described.get("added_tokens") or _added(settings))
    found |= {"tokenizer.ggml.tokens": vocabulary.tokens, "tokenizer.ggml.token_type": vocabulary.types}
    if found["tokenizer.ggml.model"] == "llama":
        found["tokenizer.ggml.scores"] = vocabulary.scores
    return found | _special(folder, settings, described, vocabulary) | _chat_template(folder, settings)


def _added(settings: Mapping[str, Any]) -> list[Any]:
    """Added tokens as tokenizer_config.json has them, where there is no tokenizer.json."""
    decoder = settings.get("added_tokens_decoder")
    entries = decoder.items() if isinstance(decoder, dict) else ()
    return [one | {"id": int(id)} for id, one in entries if str(id).isdecimal() and isinstance(one, dict)]


def _sentence_pieces(path: Path, vocabulary: Vocabulary) -> dict[str, Any]:
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError as error:
        raise Unsupported("this tokenizer needs sentencepiece: pip install sentencepiece") from error
    try:
        model = SentencePieceProcessor(model_proto=path.read_bytes())
        prefixed: bool = model.encode("a", out_type=str)[0].startswith("▁")
    except (RuntimeError, OSError, IndexError) as error:
        raise InvalidModel(f"{path}: no SentencePiece model: {error}") from error
    kinds = ((model.is_unknown, UNKNOWN), (model.is_control, CONTROL), (model.is_unused, UNUSED))
    for id in range(model.get_piece_size()):
        kind = next((kind for test, kind in (*kinds, (model.is_byte, BYTE)) if test(id)), NORMAL)
        vocabulary.put(id, model.id_to_piece(id), kind, model.get_score(id))
    return {"tokenizer.ggml.model": "llama", "tokenizer.ggml.add_space_prefix": prefixed}


def _byte_pairs(path: Path, described: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    model = described.get("model")
    if not isinstance(model, dict) or model.get("type") != "BPE" or not isinstance(model.get("vocab"), dict):
        raise Unsupported(f"{path}: a tokenizer that is not byte-pair encoding")
    merges = [_merge(path, merge) for merge in model.get("merges") or ()]
    if model.get("byte_fallback"):
        return _pieces_of_merges(described, model["vocab"], merges, vocabulary)
    for token, id in model["vocab"].items():
        vocabulary.put(id, token, NORMAL)
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": _pre_tokenizer(path, bool(model.get("ignore_merges"))),
        "tokenizer.ggml.merges": [" ".join(merge) for merge in merges],
    }


def _merge(path: Path, merge: Any) -> tuple[str, str]:
    """A pair, written as two strings or, by older files, as one with a space between."""
    pair = merge.split(" ") if isinstance(merge, str) else merge
    if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(half, str) for half in pair):
        raise InvalidModel(f"{path}: the merge {str(merge)[:80]!r} is not of two strings")
    return pair[0], pair[1]


def _pieces_of_merges(
    described: Mapping[str, Any], ids: Mapping[str, Any], merges: Sequence[tuple[str, str]], into: Vocabulary
) -> dict[str, Any]:
    """A SentencePiece vocabulary that was turned into merges, turned back: the first merge scores highest."""
    ranks = {"".join(merge): -float(rank) for rank, merge in reversed(list(enumerate(merges)))}
    for token, id in ids.items():
        kind = BYTE if re.fullmatch("<0x[0-9A-F]{2}>", token) else NORMAL
        into.put(id, token, kind, ranks.get(token, -float(len(merges))))
    unknown = described["model"].get("unk_token")
    if unknown in ids:
        into.put(ids[unknown], unknown, UNKNOWN)
    prefixed = '"Prepend"' in json.dumps(described.get("normalizer")) or '"Metaspace"' in json.dumps(
        described.get("pre_tokenizer")
    )
    return {"tokenizer.ggml.model": "llama", "tokenizer.ggml.add_space_prefix": prefixed}


PROBE = (
    "Hello, I'll say: it's 3 o'clock; WE'LL SEE 12345 things\n\n\n  at 1,234.56 $/m²!!! \t tabs\r\n"
    "camelCaseWords HTTPServer naïve Straße 你好世界12三 안녕 привет مرحبا 🙂🙂 x=y+z; /* c */   end  \n "
)
"""A text that the pre-tokenizers we know cut each in its own way."""


def _pre_tokenizer(path: Path, whole_words: bool) -> str:
    """GGUF's name for the way a tokenizer cuts text into words, found by letting it."""
    from .bytepairs import PATTERNS, WHOLE_WORDS

    try:
        from tokenizers import Regex, Tokenizer, pre_tokenizers
    except ImportError as error:
        raise Unsupported("this tokenizer needs tokenizers: pip install tokenizers") from error
    try:
        own = Tokenizer.from_file(str(path)).pre_tokenizer
    except Exception as error:  # the library raises nothing narrower
        raise InvalidModel(f"{path}: {error}") from error
    cuts = own.pre_tokenize_str(PROBE) if own else None
    for name, patterns in PATTERNS.items():
        splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
        letters = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        made = pre_tokenizers.Sequence([*splits, letters])
        if made.pre_tokenize_str(PROBE) == cuts and (name in WHOLE_WORDS) == whole_words:
            return name
    raise Unsupported(f"{path}: a pre-tokenizer that cuts like none of {', '.join(PATTERNS)}")


def _special(
    folder: Path, settings: Mapping[str, Any], described: Mapping[str, Any], vocabulary: Vocabulary
) -> dict[str, Any]:
    """Tokens that play a part, and whether texts begin with one."""
    config, found = _json(folder / "config.json"), {}
    for short, name in (("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding")):
        id: Any = vocabulary.number(settings.get(f"{short}_token"))
        if id is None:
            id = config.get(f"{short}_token_id")
            id = id[0] if isinstance(id, list) and id else id
        if type(id) is int and 0 <= id < len(vocabulary.tokens):
            found[f"tokenizer.ggml.{name}_token_id"] = id
    adds = settings.get("add_bos_token")
    bos = found.get("tokenizer.ggml.bos_token_id")
    if not isinstance(adds, bool):
        begins = _template_begins_with(described.get("post_processor"))
        adds = bos is not None and begins == vocabulary.tokens[bos]
        if not described and bos is not None:
            adds = True  # SentencePiece alone: as Llama 2
    return found | {"tokenizer.ggml.add_bos_token": adds}


def _template_begins_with(processor: Any) -> str | None:
    """The special token that a post-processor puts before every text."""
    if not isinstance(processor, dict):
        return None
    inner = processor.get("processors")
    for one in inner if isinstance(inner, list) else [processor]:
        match one:
            case {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": str(token)}}, *_]}:
                return token
    return None


def _chat_template(folder: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The template for conversations, from its own file or the tokenizer's settings."""
    file = folder / "chat_template.jinja"
    template: Any = file.read_text(encoding="utf-8") if file.exists() else settings.get("chat_template")
    if isinstance(template, list):
        named = {one.get("name"): one.get("template") for one in template if isinstance(one, dict)}
        template = named.get("default")
    return {"tokenizer.chat_template": template} if isinstance(template, str) else {}
