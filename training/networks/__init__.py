"""The networks of SAMBERT and HiFi-GAN voices, as torch modules that load ModelScope's checkpoints."""
