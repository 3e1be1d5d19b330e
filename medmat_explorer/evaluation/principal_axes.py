"""The two directions along which vectors differ most (principal components), with signs that never flip."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
WIDEST_FIT = 5_000
"""Rows that a fit needs at most: more hardly move the axes."""


@dataclass(frozen=True)
class PrincipalAxes:
    """A flat map of vectors: `shares` are those of all their variance that the two axes hold."""

    mean: npt.NDArray[np.float64]
    axes: npt.NDArray[np.float64]
    shares: tuple[float, float]

    def places(self, vectors: Matrix) -> Matrix:
        """Two numbers a row."""
        flat: Matrix = ((vectors - self.mean) @ self.axes.T).astype(np.float32)
        return flat


def principal_axes(vectors: Matrix) -> PrincipalAxes:
    """Fitted to the rows, at least one of them, of at least two numbers each.

    The largest number of each axis is positive, so that the same data always gives the same map.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    centred = vectors.astype(np.float64) - mean
    values, directions = np.linalg.eigh(centred.T @ centred)
    axes = directions[:, ::-1][:, :2].T
    largest = axes[np.arange(2), np.abs(axes).argmax(axis=1)]
    total = max(float(values.sum()), 1e-12)
    first, second = (max(0.0, float(value)) / total for value in values[::-1][:2])
    return PrincipalAxes(mean, axes * np.where(largest < 0, -1.0, 1.0)[:, None], (first, second))
