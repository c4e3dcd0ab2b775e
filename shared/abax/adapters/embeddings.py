"""Vectors of texts from the runtime's model: what its layers make of each, pooled over the tokens.

::

    texts ──► those not in the store ──► tokens, by length ──► several texts a step ──► means ──► store

The first token is left out: attention rests on it whatever it is, its state is a hundred times as long as the
others', and the mean would tell little but the number of tokens (Xiao et al., Efficient streaming language
models with attention sinks, 2023).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from abax.errors import ModelFailed, ModelUnavailable

if TYPE_CHECKING:
    import numpy as np
    from abax_runtime.context import Context
    from abax_runtime.model import Model
    from numpy.typing import NDArray

    from abax.adapters.vector_store import VectorStore

LAYERS: Final = (6, 10, 14)
"""Layers whose means are taken where nothing else is said; from 0."""
LENGTH: Final = 512
"""Tokens of a text that are looked at."""
_ROWS: Final = 512
"""Tokens of a step, of as many texts as they suffice for."""
_POSITIONS: Final = 1024
"""Positions of all texts of a step, each of which has room for the longest of them."""
_SHORTEST: Final = 32
_KEPT_AT_ONCE: Final = 512
"""Vectors after which the store is written."""

Progress = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Opened with how many texts there are, and then told how many have their vectors."""


@contextmanager
def _untold(texts: int) -> Iterator[Callable[[int], None]]:
    yield lambda done: None


class RuntimeEmbedder:
    """Makes vectors with a GGUF model, by default the default one. The model is loaded by the first text.

    ``kept``: the folder in which vectors are kept from run to run; None keeps none.
    """

    def __init__(
        self,
        path: Path | None = None,
        layers: Sequence[int] = LAYERS,
        *,
        kept: Path | None = None,
        progress: Progress = _untold,
    ) -> None:
        self._path, self._layers = path, tuple(layers)
        self._kept, self._progress = kept, progress
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

        store = self._store()
        found = store.find(texts) if store is not None else {}
        places: dict[str, list[int]] = {}
        for at, text in enumerate(texts):
            if at not in found:
                places.setdefault(text, []).append(at)
        with self._progress(len(texts)) as tell:
            for part, vectors in _together(self._made(list(places))):
                for text, vector in zip(part, vectors, strict=True):
                    found |= dict.fromkeys(places[text], vector)
                if store is not None:
                    store.keep(part, vectors)
                tell(len(found))
        width = len(self._layers) * self._opened().config.width
        return (
            np.stack([found[at] for at in range(len(texts))]) if texts else np.zeros((0, width), np.float32)
        )

    def _store(self) -> VectorStore | None:
        if self._kept is None:
            return None
        from abax.adapters.vector_store import VectorStore

        model, layers = self._opened(), "-".join(map(str, self._layers))
        width = len(self._layers) * model.config.width
        return VectorStore(self._kept, f"{model.gguf.fingerprint}-{layers}", width)

    def _made(self, texts: Sequence[str]) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Texts, short ones first, with their vectors."""
        from abax_runtime.errors import RuntimeFault

        model = self._opened()
        try:
            tokens = [model.tokenizer.encode(text or " ")[:LENGTH] for text in texts]
            for room, steps in _steps([len(one) for one in tokens]):
                slots = _POSITIONS // room
                with model.context(length=room, sequences=slots, batch=min(_ROWS, room * slots)) as context:
                    for places in steps:
                        vectors = self._pooled(context, [tokens[at] for at in places])
                        yield from zip((texts[at] for at in places), vectors, strict=True)
        except RuntimeFault as fault:
            raise ModelFailed(f"no vectors could be made: {fault}") from fault

    def _pooled(self, context: Context, texts: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The vectors of texts that one step holds."""
        import numpy as np

        from abax.adapters.vector_store import rounded

        tokens = [token for text in texts for token in text]
        positions = [at for text in texts for at in range(len(text))]
        slots = [slot for slot, text in enumerate(texts) for _ in text]
        states = context.states(tokens, positions, slots, self._layers)
        layers = [np.frombuffer(layer, np.float32).reshape(len(tokens), -1) for layer in states]
        width = layers[0].shape[1]
        found = np.zeros((len(texts), len(layers) * width), np.float32)
        begin = 0
        for at, text in enumerate(texts):
            end = begin + len(text)
            if len(text) > 1:
                found[at] = np.concatenate([layer[begin + 1 : end].mean(axis=0) for layer in layers])
            begin = end
        return rounded(found)

    def _opened(self) -> Model:
        if self._model is None:
            try:
                from abax_runtime.errors import RuntimeFault
                from abax_runtime.model import Model
            except ImportError as error:
                raise _not_installed(error) from error
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


def vectors_folder() -> Path:
    """Where vectors are kept unless another place is named. Raises ModelUnavailable."""
    try:
        from abax_runtime.models import cache_folder
    except ImportError as error:
        raise _not_installed(error) from error
    return cache_folder() / "vectors"


def _not_installed(error: ImportError) -> ModelUnavailable:
    return ModelUnavailable(f"the model runtime is not installed: {error}; run make setup")


def _steps(lengths: Sequence[int]) -> Iterator[tuple[int, list[list[int]]]]:
    """Positions that a slot must have, ascending, and the steps of texts that need so many: their places."""

    def room(at: int) -> int:
        return max(_SHORTEST, 1 << (lengths[at] - 1).bit_length())

    for size, places in groupby(sorted(range(len(lengths)), key=lengths.__getitem__), key=room):
        steps: list[list[int]] = [[]]
        rows = 0
        for at in places:
            if rows + lengths[at] > _ROWS or len(steps[-1]) == _POSITIONS // size:
                steps.append([])
                rows = 0
            steps[-1].append(at)
            rows += lengths[at]
        yield size, steps


def _together(
    made: Iterator[tuple[str, NDArray[np.float32]]],
) -> Iterator[tuple[list[str], list[NDArray[np.float32]]]]:
    """Vectors by the hundred: so few are lost when a run is stopped, and a store is opened seldom."""
    while part := list(islice(made, _KEPT_AT_ONCE)):
        yield [text for text, _ in part], [vector for _, vector in part]
