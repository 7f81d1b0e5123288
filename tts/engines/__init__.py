"""Engines that turn sentences into sound, one module or package each, imported by name."""
