"""Microphone, player, recordings in and out; nothing here knows Mandarin."""
