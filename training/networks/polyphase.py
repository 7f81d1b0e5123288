"""Makes one convolution of the two ways in which HiFi-GAN's upsampling reads its input.

Nearest-neighbour upsampling by u followed by a convolution multiplies the same sample several times, and the transposed
convolution beside it reads the same input. Both are linear: for each of the u phases of the output their kernels
add up to a short kernel over the samples before upsampling.
"""

import numpy as np
from numpy.typing import NDArray


def polyphase(
    repeated: NDArray[np.float32], transposed: NDArray[np.float32], scale: int, causal: bool
) -> tuple[NDArray[np.float32], int]:
    """Return weights (scale * outputs, inputs, taps), phases outermost, and how many taps look ahead.

    `repeated` is (outputs, inputs, kernel), `transposed` (inputs, outputs, kernel).
    """
    kernel, wide = repeated.shape[2], transposed.shape[2]
    back = kernel - 1 if causal else (kernel - 1) // 2
    shift = 0 if causal else (wide - scale) // 2
    terms: list[tuple[int, int, NDArray[np.float64]]] = []
    for phase in range(scale):
        terms += [((phase + j - back) // scale, phase, repeated[:, :, j].astype(np.float64)) for j in range(kernel)]
        # Sample i of the input reaches sample scale * i + j - shift of the output.
        reached = [j for j in range(wide) if (phase + shift - j) % scale == 0]
        terms += [((phase + shift - j) // scale, phase, transposed[:, :, j].T.astype(np.float64)) for j in reached]
    first, last = min(tap for tap, _, _ in terms), max(tap for tap, _, _ in terms)
    if causal:
        # What a transposed convolution adds beyond the end is cut off; nothing looks ahead.
        terms = [term for term in terms if term[0] <= 0]
        last = 0
    weights = np.zeros((scale, *repeated.shape[:2], last - first + 1))
    for tap, phase, weight in terms:
        weights[phase, :, :, tap - first] += weight
    return weights.reshape(-1, *weights.shape[2:]).astype(np.float32), last
