"""Many kiosks and their control room over MQTT: states, counts, content in rings, a few commands.

A kiosk's side is ``agent`` (a process beside the kiosk), the control room's side is ``control``; ``topics`` and
``messages`` are what they share. Content is a signed archive (``packing``, ``archive``), which a kiosk verifies,
checks and switches to as a whole (``installing``).
"""
