"""Models that answer: what they can do, where they are, and a process of their own to run them in."""
