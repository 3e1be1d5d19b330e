"""Running models over items, with everything kept that is needed to repeat it."""
