"""Compiling an operator's answers into the decoding graph of the default model.

Everything here but ``building`` must run in a process apart from recognition: kaldifst and vosk both carry
OpenFst and cannot be loaded together.
"""
