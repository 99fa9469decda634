"""Compiling an operator's answers into the decoding graph of the default model.

``compiling`` must run in a process apart from recognition, which ``building`` sees to: kaldifst and vosk both
carry OpenFst and cannot be loaded together.
"""
