"""The networks of the neural voices in torch, with the parameter names of published checkpoints."""
