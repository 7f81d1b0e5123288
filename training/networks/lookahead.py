"""How far a HiFi-GAN generator looks ahead, from its kernels, strides and dilations alone."""

from training.networks.hifigan import Sizes


def stage_delays(sizes: Sizes) -> list[int]:
    """Return, for the input of each stage's residual blocks and for the wave, how many samples it is behind the mel.

    A convolution of kernel k and dilation d reads (k - 1) d / 2 samples ahead; upsampling by u makes u of each.
    """
    if sizes.causal:
        return [0] * (len(sizes.scales) + 1)
    blocks = zip(sizes.block_kernels, sizes.dilations, strict=True)
    widest = max(sum((kernel - 1) // 2 * (dilation + 1) for dilation in dilations) for kernel, dilations in blocks)
    side = (sizes.kernel - 1) // 2
    delay, delays = side, list[int]()
    for scale, kernel in zip(sizes.scales, sizes.up_kernels, strict=True):
        repeated, transposed = (scale - 1 + side) // scale, (scale - 1 + (kernel - scale) // 2) // scale
        delays.append((delay + max(repeated, transposed)) * scale)
        delay = delays[-1] + widest
    return [*delays, delay + side]


def lookahead_frames(sizes: Sizes) -> int:
    """Return how many frames after its own a frame's samples depend on."""
    return (stage_delays(sizes)[-1] + sizes.hop - 1) // sizes.hop
