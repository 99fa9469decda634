"""Mandarin text: normalising, numbers, words, pinyin and distances between sounds."""
