"""Lines over time as SVG that the server draws; what they show is also said in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 240, 48  # units of the drawing

Values = Sequence[float | None]  # one for each stretch of time, None where nothing was measured


@dataclass(frozen=True)
class Line:
    """One line. title: what it shows, and desc: its extremes, for who does not see it.

    limit: a value to compare with, such as a threshold, drawn across.
    """

    title: str
    desc: str
    values: Values
    limit: float | None = None

    @property
    def known(self) -> list[float]:
        return [value for value in self.values if value is not None]

    @property
    def top(self) -> float:
        """The value at the upper edge; never 0."""
        return max([*self.known, self.limit or 0.0]) or 1.0

    @property
    def path(self) -> str:
        """Of the `d` of an SVG path; a gap where nothing was measured, a dash for a lone value."""
        parts: list[str] = []
        drawing = False
        for place, value in enumerate(self.values):
            if value is not None:
                x, y = self._x(place), self._y(value)
                parts.append(f"L{x:g} {y:g}" if drawing else f"M{max(0, x - 2):g} {y:g}h2")
            drawing = value is not None
        return "".join(parts)

    @property
    def limit_y(self) -> float | None:
        return None if self.limit is None else self._y(self.limit)

    def _x(self, place: int) -> float:
        return round(WIDTH * place / max(1, len(self.values) - 1), 1)

    def _y(self, value: float) -> float:
        share = min(1.0, max(0.0, value / self.top))
        return round(HEIGHT - 1 - share * (HEIGHT - 2), 1)
