"""MedMAT Explorer: look at Med-MAT, see which subsets teach a target its elements, and ask models.

Importing the package does nothing: no files, no network, no torch.
"""

__version__ = "0.1.0"
