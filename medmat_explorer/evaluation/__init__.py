"""Prompts, reading of answers, verdicts and statistics: pure functions over text and numbers."""
