"""Subsets that readers make themselves: from a folder of labelled images to a part of a collection."""
