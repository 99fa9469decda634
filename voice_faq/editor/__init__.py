"""The editor: a page for those who write the answers, served to this machine alone."""
