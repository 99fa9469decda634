"""What `make bench` measures, and a long run: for developers; each module is a command of its own."""
