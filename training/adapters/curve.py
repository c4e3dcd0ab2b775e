"""A curve of losses as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 320
EDGE: Final = 40


def svg(points: Sequence[Mapping[str, float]]) -> str:
    """Loss by tokens, smoothed, and of validation as dots."""
    losses = _smooth([point["loss"] for point in points])
    valid = [(point["tokens"], point["valid"]) for point in points if "valid" in point]
    most = max((point["tokens"] for point in points), default=1) or 1
    highest = max([*losses, *(loss for _, loss in valid)], default=1.0) or 1.0

    def at(tokens: float, loss: float) -> str:
        x = EDGE + (WIDTH - 2 * EDGE) * tokens / most
        return f"{x:.1f},{HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * loss / highest:.1f}"

    line = " ".join(at(point["tokens"], loss) for point, loss in zip(points, losses, strict=True))
    places = [at(tokens, loss).split(",") for tokens, loss in valid]
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="3" fill="#b3261e"/>' for x, y in places)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'
        f'<text x="{EDGE}" y="20">loss of a token (line: training, dots: validation), highest {highest:.3f}'
        f'</text><text x="{EDGE}" y="{HEIGHT - 12}">0 to {most:,.0f} tokens</text>'
        f'<polyline points="{line}" fill="none" stroke="#1f4e8c" stroke-width="1.5"/>{dots}</svg>\n'
    )


def _smooth(losses: Sequence[float], share: float = 0.9) -> list[float]:
    """Running mean that forgets a tenth with each point, unbiased at its beginning."""
    found, mean, weight = [], 0.0, 0.0
    for loss in losses:
        mean, weight = share * mean + (1 - share) * loss, share * weight + (1 - share)
        found.append(mean / weight)
    return found
