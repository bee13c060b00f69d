"""A camera: which part of a plane is seen, at how many pixels per unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# One wheel notch.  Steps are powers, so that zooming out and in again meets the same scales (and
# the same cached tiles).
ZOOM_STEP = 1.25
MIN_PIXELS, MAX_PIXELS = 24.0, 160.0  # the plane's longer side at least; one floor cell at most
MAX_TIMES = 200.0  # as near as a whole city


@dataclass
class Camera:
    """Looks at a plane through a rectangle of the window.

    `x`, `y` is the point of the plane in the middle of the rectangle; `scale` is pixels per unit.
    With `up`, y grows upwards on the screen (a city), otherwise downwards (a floor).
    """

    bounds: tuple[float, float, float, float]  # left, top, right, bottom of the plane, least first
    view: tuple[int, int, int, int]  # x, y, width, height in pixels
    up: bool = False
    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    fitted: bool = True

    def __post_init__(self) -> None:
        self.fit()

    def fit(self, margin: float = 0.0) -> None:
        """Show the whole plane."""
        left, top, right, bottom = self.bounds
        _, _, width, height = self.view
        wide, high = max(right - left, 1e-9), max(bottom - top, 1e-9)
        self.scale = max(min((width - 2 * margin) / wide, (height - 2 * margin) / high), 1e-9)
        self.x, self.y = (left + right) / 2, (top + bottom) / 2
        self.fitted = True

    def look(self, view: tuple[int, int, int, int]) -> None:
        """Use another rectangle; a fitted camera stays fitted, others keep their middle."""
        if view != self.view:
            self.view = view
            if self.fitted:
                self.fit()

    @property
    def origin(self) -> tuple[float, float]:
        """Where the plane's (0, 0) falls on the screen."""
        left, top, width, height = self.view
        sign = -1 if self.up else 1
        return (
            left + width / 2 - self.x * self.scale,
            top + height / 2 - sign * self.y * self.scale,
        )

    def to_screen(self, xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return screen positions of points of the plane."""
        ox, oy = self.origin
        sign = -1 if self.up else 1
        return xs * self.scale + ox, ys * (sign * self.scale) + oy

    def to_plane(self, px: float, py: float) -> tuple[float, float]:
        """Return the point of the plane under a pixel."""
        ox, oy = self.origin
        sign = -1 if self.up else 1
        return (px - ox) / self.scale, sign * (py - oy) / self.scale

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by pixels."""
        self.x -= dx / self.scale
        self.y -= (-1 if self.up else 1) * dy / self.scale
        self._keep_near()
        self.fitted = False

    def zoom(self, steps: float, px: float, py: float) -> None:
        """Zoom in (positive) or out, keeping what is under the pixel there."""
        x, y = self.to_plane(px, py)
        left, top, right, bottom = self.bounds
        low = MIN_PIXELS / max(right - left, bottom - top, 1e-9)
        high = max(self.fit_scale() * MAX_TIMES if self.up else MAX_PIXELS, low)
        self.scale = min(max(self.scale * ZOOM_STEP**steps, low), high)
        now_x, now_y = self.to_plane(px, py)
        self.x += x - now_x
        self.y += y - now_y
        self._keep_near()
        self.fitted = False

    def centre(self, x: float, y: float, scale: float | None = None) -> None:
        """Bring a point of the plane to the middle, at least at the scale given."""
        self.x, self.y = x, y
        if scale is not None:
            self.scale = max(self.scale, scale)
        self.fitted = False

    def seen(self) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom of the part of the plane in view, least first."""
        left, top, width, height = self.view
        x0, y0 = self.to_plane(left, top)
        x1, y1 = self.to_plane(left + width, top + height)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def holds(self, px: float, py: float) -> bool:
        """Tell whether a pixel lies in the camera's rectangle."""
        left, top, width, height = self.view
        return left <= px < left + width and top <= py < top + height

    def fit_scale(self) -> float:
        """Return the scale at which the whole plane is seen."""
        left, top, right, bottom = self.bounds
        return min(self.view[2] / max(right - left, 1e-9), self.view[3] / max(bottom - top, 1e-9))

    def _keep_near(self) -> None:
        """Keep the middle on the plane, so that it cannot be lost."""
        left, top, right, bottom = self.bounds
        self.x = min(max(self.x, left), right)
        self.y = min(max(self.y, top), bottom)
