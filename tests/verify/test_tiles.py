import pytest
from hypothesis import given
from hypothesis import strategies as st

from isa_verify.errors import MalformedError
from isa_verify.tiles import encode_bundle, parse_bundle, parse_tile, parse_tile_path, tile_path, tiles_of

LEVELS = st.integers(0, 63) | st.just("entries")


class TestPaths:
    @pytest.mark.parametrize(
        ("tile", "path"),
        [
            ((0, 0, 256), "tile/0/000"),
            ((0, 1234067, 256), "tile/0/x001/x234/067"),
            ((63, 999, 1), "tile/63/999.p/1"),
            ((1, 1000, 255), "tile/1/x001/000.p/255"),
            (("entries", 0, 256), "tile/entries/000"),
            (("entries", 273, 112), "tile/entries/273.p/112"),
        ],
    )
    def test_the_paths_are_those_of_the_specification(self, tile: tuple[int, int, int], path: str) -> None:
        assert path == tile_path(*tile)
        assert tile == parse_tile_path(path)

    @given(LEVELS, st.integers(0, 2**55), st.integers(1, 256))
    def test_every_tile_survives_a_round_trip(self, level: int, number: int, width: int) -> None:
        assert (level, number, width) == parse_tile_path(tile_path(level, number, width))

    @pytest.mark.parametrize(
        "path",
        [
            "",
            "checkpoint",
            "/tile/0/000",
            "tile/0/000/",
            "tile/00/000",
            "tile/01/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/data/000",
            "tile/0/0",
            "tile/0/0000",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001",
            "tile/0/000.p/0",
            "tile/0/000.p/01",
            "tile/0/000.p/256",
            "tile/0/000.p/999",
            "tile/0/000.p",
            "tile/0/000.p/",
            "tile/0/000\n",
            "tile/0/٠٠٠",
            "tile/0/../000",
            "tile/0/000.p/1/",
            "tile/0/" + "x001/" * 60 + "000",
        ],
    )
    def test_other_spellings_are_refused(self, path: str) -> None:
        with pytest.raises(MalformedError, match="tile-path-malformed"):
            parse_tile_path(path)

    @pytest.mark.parametrize("tile", [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
    def test_a_tile_out_of_range_has_no_path(self, tile: tuple[int, int, int]) -> None:
        with pytest.raises(ValueError, match="a tile's"):
            tile_path(*tile)


class TestTilesOfALog:
    def test_seventy_thousand_entries(self) -> None:
        tiles = list(tiles_of(70_000))
        assert [(0, number, 256) for number in range(273)] == tiles[:273]
        assert tiles[273:] == [(0, 273, 112), (1, 0, 256), (1, 1, 17), (2, 0, 1)]

    @pytest.mark.parametrize(
        ("size", "tiles"),
        [
            (0, []),
            (1, [(0, 0, 1)]),
            (255, [(0, 0, 255)]),
            (256, [(0, 0, 256), (1, 0, 1)]),
            (257, [(0, 0, 256), (0, 1, 1), (1, 0, 1)]),
        ],
    )
    def test_sizes_around_the_first_full_tile(self, size: int, tiles: list[tuple[int, int, int]]) -> None:
        assert tiles == list(tiles_of(size))


class TestBundles:
    @given(st.lists(st.binary(max_size=20), max_size=256))
    def test_entries_survive_a_round_trip(self, entries: list[bytes]) -> None:
        assert entries == parse_bundle(encode_bundle(entries), len(entries))

    def test_the_layout_is_a_length_in_two_bytes_and_the_entry(self) -> None:
        assert encode_bundle([b"ab", b"", b"c"]) == b"\x00\x02ab\x00\x00\x00\x01c"

    def test_the_largest_entry_has_65535_bytes(self) -> None:
        assert [bytes(65535)] == parse_bundle(encode_bundle([bytes(65535)]), 1)
        with pytest.raises(ValueError, match="65,535"):
            encode_bundle([bytes(65536)])

    @pytest.mark.parametrize(
        ("data", "count"),
        [(b"\x00", 1), (b"\x00\x01", 1), (b"\x00\x02a", 1), (b"\x00\x00", 2), (b"\x00\x00", 0), (b"", 1)],
    )
    def test_other_layouts_and_counts_are_refused(self, data: bytes, count: int) -> None:
        with pytest.raises(MalformedError, match="bundle-malformed"):
            parse_bundle(data, count)

    def test_a_tile_is_whole_hashes_of_its_width(self) -> None:
        assert [bytes(32), b"\x01" * 32] == parse_tile(bytes(32) + b"\x01" * 32, 2)
        for data in (b"", bytes(63), bytes(65), bytes(96)):
            with pytest.raises(MalformedError, match="tile-malformed"):
                parse_tile(data, 2)
