"""Vectors of texts from the runtime's model: what its layers make of each, pooled over the tokens.

The first token is left out: attention rests on it whatever it is, its state is a hundred times as long as the
others', and the mean would tell little but the number of tokens (Xiao et al., Efficient streaming language
models with attention sinks, 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from abax.errors import ModelFailed, ModelUnavailable

if TYPE_CHECKING:
    import numpy as np
    from abax_runtime.model import Model
    from numpy.typing import NDArray

LAYERS: Final = (10, 18, 26)
"""Layers whose means are taken where nothing else is said; from 0."""
LENGTH: Final = 512
"""Tokens of a text that are looked at."""


class RuntimeEmbedder:
    """Makes vectors with a GGUF model, by default the default one. The model is loaded by the first text."""

    def __init__(self, path: Path | None = None, layers: Sequence[int] = LAYERS) -> None:
        self._path, self._layers = path, tuple(layers)
        self._model: Model | None = None

    @property
    def name(self) -> str:
        """The model and its layers."""
        layers = ",".join(map(str, self._layers))
        return f"{self._opened().gguf.path.stem}:{layers}"

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The means of each layer over all tokens but the first, one after the other: [texts, layers *
        width]; noughts for a text of one token. Raises ModelUnavailable, ModelFailed."""
        import numpy as np
        from abax_runtime.errors import RuntimeFault

        model = self._opened()
        rows: list[Any] = []
        firsts: dict[int, Any] = {}
        try:
            with model.context(length=LENGTH, batch=LENGTH) as context:
                for text in texts:
                    tokens = model.tokenizer.encode(text or " ")[:LENGTH]
                    if tokens[0] not in firsts:
                        firsts[tokens[0]] = np.array(context.embed(tokens[:1], layers=self._layers))
                    whole = len(tokens) * np.array(context.embed(tokens, layers=self._layers))
                    rows.append(((whole - firsts[tokens[0]]) / max(1, len(tokens) - 1)).astype(np.float32))
        except RuntimeFault as fault:
            raise ModelFailed(f"no vectors could be made: {fault}") from fault
        width = len(self._layers) * model.config.width
        return np.stack(rows) if rows else np.zeros((0, width), np.float32)

    def _opened(self) -> Model:
        if self._model is None:
            try:
                from abax_runtime.errors import RuntimeFault
                from abax_runtime.model import Model
            except ImportError as error:
                raise ModelUnavailable(
                    f"the model runtime is not installed: {error}; run make setup"
                ) from error
            try:
                self._model = Model.load(self._path)
            except RuntimeFault as fault:
                raise ModelUnavailable(str(fault)) from fault
        return self._model

    def close(self) -> None:
        """Give the memory back."""
        if self._model is not None:
            self._model.close()
            self._model = None
