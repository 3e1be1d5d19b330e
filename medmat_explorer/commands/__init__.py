"""Commands of the command line that need a file of their own; `__main__` gives them their names."""
