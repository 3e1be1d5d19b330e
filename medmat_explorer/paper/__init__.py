"""The published facts as data, with their loader and their inconsistencies."""
