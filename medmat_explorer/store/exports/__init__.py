"""Writing items to a folder that other programs read: one module a format, and what they share."""
