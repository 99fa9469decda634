"""Compiling an operator's answers into the decoding graph of the default model.

``language_model`` mixes the wordings with general Mandarin, ``compiling`` makes Vosk's graph of it, ``building`` puts
it in place.
"""
