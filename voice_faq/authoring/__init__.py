"""An operator's work on an answers folder: start one, change it without loss, carry tables in and out."""
