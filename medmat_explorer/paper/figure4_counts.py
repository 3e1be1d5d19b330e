"""What Figure 4 prints beside its bars: how many subsets it trained on as related and as unrelated."""

PRINTED_COUNTS: tuple[tuple[int, int], ...] = ((13, 11), (11, 13))
"""Related to unrelated of its two targets, 03 and 28 (Figure 4 of arXiv 2412.20070). Both sum to 24: one less than
the 25 subsets in distribution, which the target itself is one of."""

TARGETS = ("03", "28")
