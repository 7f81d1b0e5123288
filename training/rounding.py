"""Rounds a layer's weights to bytes so that on real input the errors of one make up for those of others.

After Frantar et al., "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers" (2022).
"""

import numpy as np
from numpy.typing import NDArray

#: Of the mean second moment, so much is added to each: what was not heard may still be said.
DAMPING = 0.01
#: How many inputs are rounded before the others hear of it, which only saves time.
STRETCH = 64
LARGEST = 127

Values = NDArray[np.float32]


def rounded(weight: Values, moments: Values) -> tuple[NDArray[np.int8], Values]:
    """Return bytes (outputs, inputs) and each output's step, for inputs with the second moments (inputs, inputs)."""
    steps = np.maximum(np.abs(weight).max(axis=1), 1e-12) / LARGEST
    left = weight / steps[:, None].astype(np.float64)
    spread = _spread(moments)
    made = np.empty(weight.shape, np.int8)
    for start in range(0, weight.shape[1], STRETCH):
        stretch = slice(start, start + STRETCH)
        errors = _round(left[:, stretch], spread[stretch, stretch], made[:, stretch])
        left[:, start + STRETCH :] -= errors @ spread[stretch, start + STRETCH :]
    return made, steps.astype(np.float32)


def _round(left: NDArray[np.float64], spread: NDArray[np.float64], made: NDArray[np.int8]) -> NDArray[np.float64]:
    """Round a stretch of weights into `made` one input after the other, and return what each leaves to those behind."""
    errors = np.empty(left.shape)
    for index in range(left.shape[1]):
        made[:, index] = np.clip(np.rint(left[:, index]), -LARGEST, LARGEST)
        errors[:, index] = (left[:, index] - made[:, index]) / spread[index, index]
        left[:, index + 1 :] -= np.outer(errors[:, index], spread[index, index + 1 :])
    return errors


def _spread(moments: Values) -> NDArray[np.float64]:
    """Return the upper Cholesky factor of the inverse of the second moments."""
    damped = moments.astype(np.float64)
    damped[np.diag_indices_from(damped)] += DAMPING * np.diag(damped).mean() + 1e-12
    upper: NDArray[np.float64] = np.linalg.cholesky(np.linalg.inv(damped)).T
    return upper
