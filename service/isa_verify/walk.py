"""Build a log's tree from its level-0 tiles, and check the published tiles above them on the way."""

from isa_verify.errors import VerificationError
from isa_verify.merkle import Frontier, perfect_root
from isa_verify.ranges import Fetch, read_part
from isa_verify.tiles import FULL_WIDTH, parse_tile


class TreeWalk:
    """Takes the roots of a log's level-0 tiles in order. It holds one tile of each level above."""

    def __init__(self, fetch: Fetch) -> None:
        self.frontier = Frontier()
        self._fetch = fetch
        self._pending: list[list[bytes]] = []

    @property
    def pending(self) -> tuple[tuple[bytes, ...], ...]:
        """For each level from 1 up, the hashes of the tile that is not full yet."""
        return tuple(tuple(hashes) for hashes in self._pending)

    def resume(self, frontier: Frontier, pending: tuple[tuple[bytes, ...], ...]) -> None:
        """Go on from what an earlier walk had come to."""
        self.frontier = frontier
        self._pending = [list(hashes) for hashes in pending]

    def add_tile(self, root: bytes) -> None:
        """Add a full tile. Raises `VerificationError` `tile-mismatch`, `tile-missing`."""
        number = self.frontier.size // FULL_WIDTH
        self.frontier = self.frontier.join(FULL_WIDTH, root)
        self._carry(1, number, root)

    def add_last(self, tile: bytes) -> None:
        """Add the partial tile at the log's end."""
        self.frontier = self.frontier.extend(parse_tile(tile, len(tile) // 32))

    def finish(self) -> None:
        """Check the partial tiles at the right edge of each level above 0."""
        for level, hashes in enumerate(self._pending, start=1):
            if hashes:
                self._check(level, self.frontier.size >> (8 * (level + 1)), hashes)

    def _carry(self, level: int, index: int, digest: bytes) -> None:
        if len(self._pending) < level:
            self._pending.append([])
        hashes = self._pending[level - 1]
        hashes.append(digest)
        if len(hashes) == FULL_WIDTH:
            number = index // FULL_WIDTH
            self._check(level, number, hashes)
            root = perfect_root(b"".join(hashes))
            hashes.clear()
            self._carry(level + 1, number, root)

    def _check(self, level: int, number: int, hashes: list[bytes]) -> None:
        if read_part(self._fetch, level, number, len(hashes)) != b"".join(hashes):
            raise VerificationError(
                "tile-mismatch", f"Tile {number} of level {level} does not hold the roots of the tiles below it."
            )
