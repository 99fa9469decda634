"""What an operator does with an answers folder: start one, change it without losing anything, carry tables in and out."""
