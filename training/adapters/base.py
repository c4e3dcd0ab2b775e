"""The base as torch trains it: the very weights of the GGUF file, dequantised, under Hugging Face's names.

So an adapter learns to stand on Q4_1 as it ships, not on the weights that were rounded to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from abax_runtime.config import Config, read_config
from abax_runtime.gguf import Gguf, Tensor
from abax_runtime.quantize import dequantize
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch
    from transformers import LlamaForCausalLM

Floats = NDArray[np.float32]

MATRICES: Final = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
"""Of a layer, those that an adapter adapts: GGUF's name to Hugging Face's."""
NORMS: Final = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
OUTER: Final = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}


def config_of(base: Gguf) -> Config:
    """The base's sizes. Raises ``Unsupported`` for what cannot be trained here."""
    return read_config(base.metadata, base.tensors["token_embd.weight"].shape[0])


def their_name(name: str) -> str:
    """A tensor's name in Hugging Face's files. Raises KeyError for one that a Llama does not have."""
    if name in OUTER:
        return OUTER[name]
    _, layer, kind, end = name.split(".")
    return f"model.layers.{layer}.{(MATRICES | NORMS)[kind]}.{end}"


def our_name(matrix: str) -> str:
    """The GGUF name of an adapted matrix, of a module's path such as ``….layers.3.mlp.up_proj``."""
    layer, _, module = matrix.partition("layers.")[2].partition(".")
    kind = next(ours for ours, theirs in MATRICES.items() if theirs == module)
    return f"blk.{layer}.{kind}.weight"


def their_rows(config: Config, name: str, rows: Floats) -> Floats:
    """Rows of queries and keys in Hugging Face's order: of each head first the firsts of all pairs that are
    turned together, then the seconds; GGUF has each pair side by side."""
    heads = {"attn_q": config.heads, "attn_k": config.kv_heads}.get(name.split(".")[2] if "." in name else "")
    if config.architecture != "llama" or heads is None:
        return rows
    pairs = rows.reshape(heads, config.head_size // 2, 2, -1)
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(rows.shape)


def weights(base: Gguf) -> Iterator[tuple[str, Floats]]:
    """Hugging Face's name and float32 values of every tensor."""
    config = config_of(base)
    for name, tensor in base.tensors.items():
        values = _values(base, tensor)
        rows = name.startswith("blk.") and values.ndim == 2
        yield their_name(name), their_rows(config, name, values) if rows else values


def _values(base: Gguf, tensor: Tensor) -> Floats:
    count = int(np.prod(tensor.shape, dtype=np.int64))
    return dequantize(tensor.type, base.bytes(tensor), count).reshape(tensor.shape)


def load(base: Gguf, dtype: torch.dtype) -> LlamaForCausalLM:
    """The base for torch, frozen. Raises ValueError where the file is no plain Llama."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from training.adapters import attention

    config = config_of(base)
    if config.architecture != "llama" or config.rope.scaling != "none":
        raise ValueError(f"{base.path}: only plain Llama can be trained, not {config.architecture}")
    known = {
        "vocab_size": config.vocabulary,
        "hidden_size": config.width,
        "intermediate_size": config.feed_forward,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_size,
        "max_position_embeddings": config.context_length,
        "rms_norm_eps": config.epsilon,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope.base},
        "tie_word_embeddings": "output.weight" not in base.tensors,
        "attn_implementation": "sdpa" if torch.cuda.is_available() else attention.NAME,
    }
    model = LlamaForCausalLM(LlamaConfig(**known))
    state: dict[str, Any] = {name: torch.from_numpy(values.copy()) for name, values in weights(base)}
    if known["tie_word_embeddings"]:
        state["lm_head.weight"] = state["model.embed_tokens.weight"]
    model.load_state_dict(state)
    return model.to(dtype).requires_grad_(False)


def available_memory() -> int:
    """Bytes that this machine can still give; a large number where it does not say."""
    try:
        told = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return 1 << 62
    return next(int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("MemAvailable"))
