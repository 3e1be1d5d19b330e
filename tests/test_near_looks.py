"""Looks are compared by bands: the same pairs are found as by comparing each with each, only sooner."""

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from medmat_explorer.store.near_looks import BANDS, NEARLY, find_alike, pair_masks

BITS = 64
UNLIKE = 0x0F0F0F0F0F0F0F0F
"""A mirror image that nothing here looks like."""

SIGNED = st.integers(-(1 << 63), (1 << 63) - 1)
FLIPS = st.sets(st.integers(0, BITS - 1), max_size=NEARLY + 3)
Faces = list[tuple[int, int]]
Found = dict[tuple[int, int], tuple[bool, int]]


def flipped(look: int, bits: set[int]) -> int:
    unsigned = look % (1 << BITS)
    for bit in bits:
        unsigned ^= 1 << bit
    return unsigned - (1 << BITS) if unsigned >> 63 else unsigned


def differing(a: int, b: int) -> int:
    return ((a ^ b) % (1 << BITS)).bit_count()


@st.composite
def families(draw: st.DrawFn) -> Faces:
    """Looks that stem from few others by changing some bits, so that many are nearly the same, or mirrored."""
    first = draw(st.lists(SIGNED, min_size=1, max_size=3))
    looks = [flipped(draw(st.sampled_from(first)), draw(FLIPS)) for _ in range(draw(st.integers(1, 10)))]
    return [(look, flipped(draw(st.sampled_from(first)), draw(FLIPS))) for look in looks]


def all_pairs(faces: Faces) -> Found:
    """Each compared with each."""
    found: Found = {}
    for a, mirrored in faces:
        for b, _ in faces:
            pair = (min(a, b), max(a, b))
            for mirror, distance in ((False, differing(a, b)), (True, differing(mirrored, b))):
                if a != b and distance <= NEARLY:
                    found[pair] = min(found.get(pair, (True, BITS)), (mirror, distance))
    return found


def banded(faces: Faces, **wishes: int) -> tuple[Found, int]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("CREATE TABLE faces (look BIGINT, mirrored BIGINT)")
        connection.executemany("INSERT INTO faces VALUES (?, ?)", faces)
        crowded = find_alike(connection, lambda done, total: None, **wishes)
        rows = connection.execute("SELECT a, b, mirrored, distance FROM alike").fetchall()
    assert len({row[:2] for row in rows}) == len(rows), "a pair stands once"
    return {(a, b): (mirrored, distance) for a, b, mirrored, distance in rows}, crowded


@settings(max_examples=25, deadline=None)
@given(families())
def test_banding_finds_exactly_what_comparing_each_with_each_finds(faces: Faces) -> None:
    assert banded(faces) == (all_pairs(faces), 0)


def test_bits_spread_over_all_bands_are_still_found() -> None:
    far = {bit * 16 for bit in range(NEARLY)}
    assert banded([(0, UNLIKE), (flipped(0, far), UNLIKE)])[0] == {
        (min(0, flipped(0, far)), max(0, flipped(0, far))): (False, NEARLY)
    }
    too_far = far | {63}
    assert banded([(0, UNLIKE), (flipped(0, too_far), UNLIKE)])[0] == {}


def test_every_bit_is_in_one_band() -> None:
    masks = [mask % (1 << BITS) for mask in pair_masks()]
    assert len(masks) == BANDS * (BANDS - 1) // 2
    assert {sum(mask >> bit & 1 for mask in masks) for bit in range(BITS)} == {BANDS - 1}


def test_a_crowd_is_left_out_and_counted() -> None:
    crowd = [(flipped(0, {bit}), 1 << 40) for bit in range(6)]
    found, crowded = banded(crowd, fullest=3)
    assert crowded == 6
    assert found.keys() < all_pairs(crowd).keys()
