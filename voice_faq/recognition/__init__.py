"""Vosk: finding and checking a model, streaming audio in, n-best out."""

from voice_faq.recognition.opening import open_recognizer
from voice_faq.recognition.recognizer import RecognitionStream, Recognizer, Utterance, VoskRecognizer

__all__ = ["RecognitionStream", "Recognizer", "Utterance", "VoskRecognizer", "open_recognizer"]
