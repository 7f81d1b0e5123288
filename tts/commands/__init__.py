"""The commands of `python -m tts`, a module each, whose `add` tells the parser about it."""
