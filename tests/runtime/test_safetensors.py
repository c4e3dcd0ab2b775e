import json
import struct
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sentencepiece
from abax_runtime.errors import InvalidModel, ModelMissing, RuntimeFault, Unsupported
from abax_runtime.gguf import TensorType, open_gguf
from abax_runtime.quantize import dequantize, encode
from abax_runtime.safetensors import import_folder, read_file
from abax_runtime.tokenizer import load_tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from tests.support.models import CHAT_TEMPLATE, CORPUS, Made, Small, small
from tests.support.quants import quantise

CLASSES = {"llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM", "qwen3": "Qwen3ForCausalLM"}
HF_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
OUTER_NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
SMOLLM_CUTS = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    ],
}


# Making folders as Hugging Face has them


def write_tensors(path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]]) -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    for name, (dtype, shape, data) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data for _, _, data in tensors.values()))


def hf_name(name: str) -> str:
    if name in OUTER_NAMES:
        return OUTER_NAMES[name]
    _, layer, part, leaf = name.split(".")
    return f"model.layers.{layer}.{HF_NAMES[part]}.{leaf}"


def hf_order(name: str, values: np.ndarray, make: Small) -> np.ndarray:
    """Rows of queries and keys as Hugging Face has them: the first of each pair in a head's first half."""
    if make.architecture != "llama" or (".attn_q." not in name and ".attn_k." not in name):
        return values
    half = make.head_size // 2
    rows = [
        head * make.head_size + 2 * pair + second
        for head in range(len(values) // make.head_size)
        for second in (0, 1)
        for pair in range(half)
    ]
    return values[rows]


def folder_of(path: Path, made: Made, make: Small, dtype: str = "F32", shards: int = 1) -> Path:
    """The model of a make in a folder at `path`."""
    path.mkdir()
    tensors = {
        hf_name(name): (dtype, values.shape, quantise(dtype, hf_order(name, values, make).reshape(1, -1)))
        for name, values in made.weights.items()
        if name != "rope_freqs.weight"
    }
    if shards == 1:
        write_tensors(path / "model.safetensors", tensors)
    else:
        places = {name: f"model-{n % shards}.safetensors" for n, name in enumerate(tensors)}
        for file in set(places.values()):
            write_tensors(path / file, {name: one for name, one in tensors.items() if places[name] == file})
        (path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    write_json(path / "config.json", config_of(make))
    write_tokenizer(path, made.metadata)
    return path


def config_of(make: Small) -> dict[str, Any]:
    return {
        "architectures": [CLASSES[make.architecture]],
        "hidden_act": "silu",
        "hidden_size": make.width,
        "intermediate_size": make.feed_forward,
        "num_hidden_layers": make.layers,
        "num_attention_heads": make.heads,
        "num_key_value_heads": make.kv_heads,
        "head_dim": make.head_size,
        "max_position_embeddings": make.context,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "tie_word_embeddings": make.tied,
    }


def write_tokenizer(path: Path, metadata: Mapping[str, Any]) -> None:
    tokens = metadata["tokenizer.ggml.tokens"]
    kinds = metadata["tokenizer.ggml.token_type"]
    added = [added_token(id, token) for id, token in enumerate(tokens) if kinds[id] == 3]
    vocabulary = {token: id for id, token in enumerate(tokens)}
    merges = [merge.split(" ") for merge in metadata["tokenizer.ggml.merges"]]
    model = {"type": "BPE", "vocab": vocabulary, "merges": merges}
    described = {"version": "1.0", "added_tokens": added, "pre_tokenizer": SMOLLM_CUTS, "model": model}
    write_json(path / "tokenizer.json", described)
    settings = {"bos_token": tokens[0], "eos_token": {"content": tokens[2]}, "chat_template": CHAT_TEMPLATE}
    write_json(path / "tokenizer_config.json", settings | {"add_bos_token": False})


def write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")


def added_token(id: int, content: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": id, "content": content, "special": True, **flags}


def change_json(path: Path, **changes: Any) -> None:
    write_json(path, {k: v for k, v in (json.loads(path.read_text()) | changes).items() if v is not None})


PLAIN = Small(type="F32")


@pytest.fixture
def folder(tmp_path) -> Path:
    return folder_of(tmp_path / "tiny-llama", small(PLAIN), PLAIN)


@pytest.fixture
def target(tmp_path) -> Path:
    return tmp_path / "model.gguf"


# Whole models


@pytest.mark.parametrize(
    "make",
    [
        PLAIN,
        Small(type="F32", architecture="qwen2", tied=True),
        Small(type="F32", architecture="qwen3", head_size=32),
    ],
    ids=lambda make: make.architecture,
)
def test_a_folder_becomes_the_same_model(make, tmp_path, target):
    made = small(make)
    import_folder(folder_of(tmp_path / "model", made, make), target)
    with open_gguf(target) as file:
        assert set(file.tensors) == set(made.weights)
        for name, values in made.weights.items():
            tensor = file.tensors[name]
            assert tensor.shape == values.shape
            found = dequantize(tensor.type, file.bytes(tensor), values.size)
            np.testing.assert_array_equal(found.reshape(values.shape), values, err_msg=name)
        expected = {
            k: v for k, v in made.metadata.items() if k not in ("general.name", "tokenizer.ggml.token_type")
        }
        for key, value in expected.items():
            assert file.metadata[key] == (pytest.approx(value) if isinstance(value, float) else value), key
        assert file.metadata["general.name"] == "model"


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
def test_halves_stay_halves_and_vectors_become_float32(dtype, tmp_path, target):
    made = small(PLAIN)
    import_folder(folder_of(tmp_path / "model", made, PLAIN, dtype), target)
    with open_gguf(target) as file:
        assert {tensor.type.name for tensor in file.tensors.values() if len(tensor.shape) > 1} == {dtype}
        assert {tensor.type.name for tensor in file.tensors.values() if len(tensor.shape) == 1} == {"F32"}
        query = file.tensors["blk.1.attn_q.weight"]
        expected = quantise(dtype, made.weights[query.name].reshape(1, -1))
        assert bytes(file.bytes(query)) == expected


def test_matrices_are_quantised_on_the_way(folder, target):
    seen = []
    report = import_folder(folder, target, TensorType.Q4_0, progress=lambda name, *_: seen.append(name))
    with open_gguf(target) as file:
        query = file.tensors["blk.0.attn_q.weight"]
        assert bytes(file.bytes(query)) == encode(TensorType.Q4_0, small(PLAIN).weights[query.name])
        assert file.metadata["general.file_type"] == 2
        assert seen == list(file.tensors) == [made.name for made in report.tensors]
    assert 0.03 < report.relative_error < 0.15


def test_a_model_may_lie_in_several_files(folder, tmp_path, target):
    import_folder(folder_of(tmp_path / "sharded", small(PLAIN), PLAIN, shards=3), target)
    import_folder(folder, tmp_path / "whole.gguf")
    with open_gguf(target) as several, open_gguf(tmp_path / "whole.gguf") as one:
        for name, tensor in one.tensors.items():
            assert bytes(several.bytes(several.tensors[name])) == bytes(one.bytes(tensor))


def test_turning_pairs_side_by_side_is_turning_halves():
    """What the order of rows is for: both rotations give the same products of queries and keys."""
    make = Small(heads=2, head_size=8)
    random = np.random.default_rng(4)
    query, key = random.standard_normal((2, 16, 1))
    angles = random.standard_normal(4)
    cos, sin = np.cos(angles), np.sin(angles)

    def beside(rows):
        pairs = rows.reshape(2, 4, 2)
        a, b = pairs[..., 0], pairs[..., 1]
        return np.stack([a * cos - b * sin, a * sin + b * cos], -1).reshape(2, 8)

    def halves(rows):
        a, b = rows.reshape(2, 2, 4).swapaxes(0, 1)
        return np.concatenate([a * cos - b * sin, a * sin + b * cos], 1)

    theirs = [halves(hf_order("blk.0.attn_q.weight", rows, make)) for rows in (query, key)]
    ours = [beside(rows) for rows in (query, key)]
    np.testing.assert_allclose((ours[0] * ours[1]).sum(1), (theirs[0] * theirs[1]).sum(1))


def test_a_tied_output_is_not_written_twice(folder, target):
    change_json(folder / "config.json", tie_word_embeddings=True)
    import_folder(folder, target)
    assert "output.weight" not in open_gguf(target).tensors


# Rope


def test_scaled_rope_is_told(folder, target):
    yarn = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 128}
    change_json(folder / "config.json", rope_scaling=yarn)
    import_folder(folder, target)
    metadata = open_gguf(target).metadata
    assert metadata["llama.rope.scaling.type"] == "yarn"
    assert metadata["llama.rope.scaling.factor"] == 4
    assert metadata["llama.rope.scaling.original_context_length"] == 128


def test_newer_files_keep_rope_together(folder, target):
    rope = {"rope_type": "linear", "factor": 2.0, "rope_theta": 50000.0}
    change_json(folder / "config.json", rope_parameters=rope, rope_theta=None)
    import_folder(folder, target)
    metadata = open_gguf(target).metadata
    assert metadata["llama.rope.scaling.type"] == "linear"
    assert metadata["llama.rope.freq_base"] == 50000


def test_llama_3_divisors_stretch_long_wavelengths(folder, target):
    rope = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
    change_json(folder / "config.json", rope_scaling=rope | {"original_max_position_embeddings": 512})
    import_folder(folder, target)
    with open_gguf(target) as file:
        tensor = file.tensors["rope_freqs.weight"]
        divisors = dequantize(tensor.type, file.bytes(tensor), 32)
    lengths = 2 * np.pi * 10000.0 ** (np.arange(0, 64, 2) / 64)
    assert (divisors[lengths < 512 / 4] == 1).all()
    assert (divisors[lengths > 512 / 1] == 8).all()
    assert (np.diff(divisors) >= 0).all() and ((divisors > 1) & (divisors < 8)).any()


# Tokenizers


def test_byte_pairs_read_text_as_their_own_library_does(folder, target):
    import_folder(folder, target)
    ours = load_tokenizer(open_gguf(target).metadata)
    theirs = Tokenizer.from_file(str(folder / "tokenizer.json"))
    for text in (CORPUS, "Naïve 1234 invoices,\n\n  café — 42 €!", "<|im_start|>user"):
        assert ours.encode(text, special=True) == theirs.encode(text).ids
    assert open_gguf(target).metadata["tokenizer.ggml.pre"] == "smollm"


CUTS = {
    "gpt-2": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    "qwen2": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"
    r"\s*[\r\n]+|\s+(?!\S)|\s+",
    "llama-bpe": r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
}


@pytest.mark.parametrize("pre", CUTS)
def test_the_pre_tokenizer_is_known_by_how_it_cuts(folder, target, pre):
    cuts = CUTS[pre]
    if isinstance(cuts, str):
        split = {"type": "Split", "pattern": {"Regex": cuts}, "behavior": "Isolated", "invert": False}
        letters = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
        cuts = {"type": "Sequence", "pretokenizers": [split, letters]}
    model = json.loads((folder / "tokenizer.json").read_text())["model"] | {
        "ignore_merges": pre == "llama-bpe"
    }
    change_json(folder / "tokenizer.json", pre_tokenizer=cuts, model=model)
    import_folder(folder, target)
    assert open_gguf(target).metadata["tokenizer.ggml.pre"] == pre


def test_another_pre_tokenizer_is_refused(folder, target):
    change_json(folder / "tokenizer.json", pre_tokenizer={"type": "WhitespaceSplit"})
    with pytest.raises(Unsupported, match="cuts like none of default, gpt-2"):
        import_folder(folder, target)


@pytest.fixture(scope="module")
def pieces() -> bytes:
    """A SentencePiece model with byte fallback, learnt from the test's corpus."""
    model = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([CORPUS] * 3),
        model_writer=model,
        model_type="bpe",
        vocab_size=330,
        byte_fallback=True,
        character_coverage=1.0,
        minloglevel=2,
    )
    return model.getvalue()


def with_pieces(folder: Path, pieces: bytes, **settings: Any) -> Path:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.model").write_bytes(pieces)
    write_json(folder / "tokenizer_config.json", {"bos_token": "<s>", "eos_token": "</s>"} | settings)
    return folder


def test_pieces_read_text_as_their_own_library_does(folder, target, pieces):
    import_folder(with_pieces(folder, pieces), target)
    ours = load_tokenizer(open_gguf(target).metadata)
    theirs = sentencepiece.SentencePieceProcessor(model_proto=pieces)
    assert ours.size == len(small(PLAIN).metadata["tokenizer.ggml.tokens"]) >= 330
    assert (ours.bos, ours.eos, ours.add_bos) == (1, 2, True)
    for text in (CORPUS, "The invoice — 42 €", "totals"):
        assert ours.encode(text, bos=False) == theirs.encode(text)


def test_tokens_added_to_pieces_keep_their_numbers(folder, target, pieces):
    added = {"330": {"content": "<|turn|>", "special": True}, "331": {"content": "ledger", "special": False}}
    import_folder(with_pieces(folder, pieces, added_tokens_decoder=added), target)
    metadata = open_gguf(target).metadata
    assert metadata["tokenizer.ggml.tokens"][330:333] == ["<|turn|>", "ledger", "[PAD332]"]
    assert metadata["tokenizer.ggml.token_type"][330:333] == [3, 4, 5]


def test_pieces_that_were_turned_into_merges_are_turned_back(folder, target):
    tokens = [
        "<unk>",
        "<s>",
        "</s>",
        *(f"<0x{byte:02X}>" for byte in range(256)),
        *"▁abc",
        "ab",
        "▁ab",
        "abc",
    ]
    model = {
        "type": "BPE",
        "vocab": {token: id for id, token in enumerate(tokens)},
        "merges": ["a b", "▁ ab", "ab c"],
        "byte_fallback": True,
        "unk_token": "<unk>",
    }
    added = [{"id": id, "content": tokens[id], "special": True} for id in (1, 2)]
    normalizer = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}]}
    template = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}]}
    described = {"model": model, "added_tokens": added, "normalizer": normalizer, "post_processor": template}
    write_json(folder / "tokenizer.json", described)
    write_json(folder / "tokenizer_config.json", {"bos_token": "<s>", "eos_token": "</s>"})
    import_folder(folder, target)
    ours = load_tokenizer(open_gguf(target).metadata)
    assert [tokens[id] for id in ours.encode("abc ab!")] == ["<s>", "▁ab", "c", "▁ab", "<0x21>"]


def test_a_template_in_its_own_file_comes_first(folder, target):
    (folder / "chat_template.jinja").write_text("{{ messages }}")
    import_folder(folder, target)
    assert open_gguf(target).metadata["tokenizer.chat_template"] == "{{ messages }}"


def test_of_several_templates_the_default_one_is_taken(folder, target):
    named = [{"name": "tools", "template": "t"}, {"name": "default", "template": "d"}]
    change_json(folder / "tokenizer_config.json", chat_template=named)
    import_folder(folder, target)
    assert open_gguf(target).metadata["tokenizer.chat_template"] == "d"


def test_a_token_without_a_row_is_refused(folder, target):
    change_json(folder / "tokenizer.json", added_tokens=[added_token(9999, "far")])
    with pytest.raises(InvalidModel, match="token 'far' is number 9999 of "):
        import_folder(folder, target)


def test_a_folder_without_a_tokenizer_is_refused(folder, target):
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelMissing, match=r"neither tokenizer\.json nor tokenizer\.model"):
        import_folder(folder, target)


# Folders that are refused


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"architectures": ["GPT2LMHeadModel"]}, Unsupported, r"GPT2LMHeadModel.*known are LlamaForCausalLM"),
        ({"architectures": None}, Unsupported, "none"),
        ({"hidden_size": "wide"}, InvalidModel, "hidden_size is 'wide'"),
        ({"num_hidden_layers": 0}, InvalidModel, "num_hidden_layers is 0"),
        ({"intermediate_size": None}, InvalidModel, "intermediate_size is None"),
        ({"rms_norm_eps": -1}, InvalidModel, "rms_norm_eps is -1"),
        ({"rope_scaling": {"type": "longrope"}}, Unsupported, "rope scaling 'longrope'"),
        ({"rope_scaling": {"type": "linear"}}, InvalidModel, "factor is None"),
        ({"rope_scaling": [1]}, InvalidModel, r"rope_scaling is \[1\]"),
        ({"hidden_act": "gelu"}, Unsupported, "hidden_act is gelu, not silu"),
        ({"use_sliding_window": True}, Unsupported, "use_sliding_window is True"),
        ({"num_attention_heads": 2}, InvalidModel, "256 rows for 2 heads of 64"),
    ],
)
def test_a_configuration_that_cannot_be_run_is_named(folder, target, changes, error, message):
    change_json(folder / "config.json", **changes)
    with pytest.raises(error, match=message):
        import_folder(folder, target)
    assert not target.exists()


def test_a_tensor_that_is_not_computed_with_is_named(folder, target):
    write_tensors(folder / "model.safetensors", {"model.layers.0.self_attn.sinks": ("F32", (2,), bytes(8))})
    with pytest.raises(Unsupported, match=r"a llama with the tensor model\.layers\.0\.self_attn\.sinks"):
        import_folder(folder, target)


def test_a_folder_without_weights_is_missing(folder, target):
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelMissing, match=r"model\.safetensors cannot be read: No such file"):
        import_folder(folder, target)


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ({"a": "../other.safetensors"}, r"'\.\./other\.safetensors' is no file of this folder"),
        ({"absent": "model.safetensors"}, r"absent is not in model\.safetensors"),
        ({"a": 3}, "does not map names to files"),
        (None, "does not map names to files"),
    ],
)
def test_an_index_that_leads_elsewhere_is_refused(folder, target, places, message):
    write_json(folder / "model.safetensors.index.json", {"weight_map": places})
    with pytest.raises(InvalidModel, match=message):
        import_folder(folder, target)


def test_types_that_cannot_be_written_are_named(folder, target):
    with pytest.raises(Unsupported, match="cannot write Q6_K"):
        import_folder(folder, target, TensorType.Q6_K)


# Files that are refused


def file_of(header: Any, data: bytes = bytes(16), length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def one(**changes: Any) -> dict[str, Any]:
    return {"t": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]} | changes}


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (b"", InvalidModel, "0 bytes are too few"),
        (file_of({}, length=2**63), InvalidModel, "a header of 9,223,372,036,854,775,808 bytes"),
        (file_of({}, length=19), InvalidModel, "a header of 19 bytes in 26"),
        (file_of(b"{nonsense"), InvalidModel, "no valid JSON"),
        (file_of(b"\xff\xfe{}"), InvalidModel, "no valid JSON"),
        (file_of(b"[" * 100_000), InvalidModel, "no valid JSON"),
        (file_of([]), InvalidModel, "JSON of list, not an object"),
        (file_of({"t": 3}), InvalidModel, "t lacks its dtype"),
        (file_of({"t": {"dtype": "F32"}}), InvalidModel, "t lacks its dtype"),
        (file_of(one(dtype="I64")), Unsupported, "t is of dtype I64; supported are F32, F16, BF16"),
        (file_of(one(shape=[5])), InvalidModel, r"shape \[5\] of F32 at bytes 0 to 16"),
        (file_of(one(shape=[0])), InvalidModel, r"shape \[0\]"),
        (file_of(one(shape=[])), InvalidModel, r"shape \[\]"),
        (file_of(one(shape=[-4])), InvalidModel, r"shape \[-4\]"),
        (file_of(one(shape=[4.0])), InvalidModel, r"shape \[4\.0\]"),
        (file_of(one(shape="4444")), InvalidModel, "shape 4444"),
        (file_of(one(shape=[1] * 5)), InvalidModel, "shape"),
        (file_of(one(data_offsets=[8, 24])), InvalidModel, "bytes 8 to 24 of 16"),
        (file_of(one(data_offsets=[-16, 0])), InvalidModel, r"\(-16, 0\)"),
        (file_of(one(data_offsets=[0, 16, 3])), InvalidModel, "t lacks its dtype"),
        (file_of(one(data_offsets=[2**70, 2**70 + 16])), InvalidModel, "of 16"),
    ],
)
def test_a_file_that_cannot_be_what_it_says_is_refused(tmp_path, content, error, message):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(error, match=message):
        read_file(path)


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 400), byte=st.integers(0, 255), cut=st.none() | st.integers(0, 400))
def test_no_mutation_is_read_past_its_end(tmp_path_factory, at, byte, cut):
    path = tmp_path_factory.getbasetemp() / "mutant.safetensors"
    tensors = {"a.weight": ("BF16", (4, 3), bytes(24)), "b": ("F32", (2,), bytes(8))}
    write_tensors(path, tensors)
    content = bytearray(path.read_bytes())
    content[at % len(content)] = byte
    path.write_bytes(content[:cut])
    try:
        found = read_file(path)
    except RuntimeFault:
        return
    for tensor in found.values():
        assert len(bytes(tensor.data)) == tensor.elements * tensor.type.block[1]
