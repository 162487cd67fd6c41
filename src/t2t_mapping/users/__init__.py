"""Tables → one row per person, with everything unknown kept unknown."""
