import pytest

from isa_verify.audit import AuditSummary, Fetch, InconsistentLogError, audit_log
from isa_verify.checkpoint import Checkpoint
from isa_verify.errors import AccessDeniedError, CannotRunError, MalformedError, NotFoundError, VerificationError
from isa_verify.leaf import Leaf
from isa_verify.merkle import leaf_hash
from isa_verify.tiles import encode_bundle, parse_bundle, tile_path
from verify.naive_merkle import naive_root
from verify.published_log import ED25519_KEY, KEYS, ML_DSA_KEY, ORIGIN, PublishedLog, flipped, make_entries, sign

ENTRIES = make_entries(600)


def checkpoint_of(entries: list[bytes]) -> bytes:
    return sign(Checkpoint(ORIGIN, len(entries), naive_root(entries)))


def refusal(log: PublishedLog, remembered: bytes | None = None, **options: bool) -> str:
    with pytest.raises(VerificationError) as caught:
        audit_log(log.fetch, KEYS, remembered, **options)
    return caught.value.code


def with_entry(index: int, **members: object) -> PublishedLog:
    """A log that was wholly rewritten, signature included, around one entry that breaks a rule."""
    leaf = Leaf.parse(ENTRIES[index])
    fields = {name: getattr(leaf, name) for name in ("origin", "seq", "prev", "at", "kind", "commitment")}
    entries = [*ENTRIES[:index], Leaf(**{**fields, **members}).encode()]
    return PublishedLog(entries)


class TestAnHonestLog:
    @pytest.mark.parametrize("size", [0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 600])
    def test_it_is_verified_at_every_sort_of_size(self, size: int) -> None:
        log = PublishedLog(ENTRIES[:size])
        summary = audit_log(log.fetch, KEYS)
        assert (ORIGIN, size, naive_root(ENTRIES[:size])) == (summary.origin, summary.size, summary.root)
        assert summary.entries_read
        assert log.files["checkpoint"] == summary.data
        assert (summary.previous_size, summary.unverified) == (None, ())
        assert (Leaf.parse(ENTRIES[size - 1]).at if size else None) == summary.last_at

    def test_everything_that_it_publishes_is_read_once(self) -> None:
        log = PublishedLog(ENTRIES)
        audit_log(log.fetch, KEYS)
        assert sorted([*log.files, "key-rotations"]) == sorted(log.fetched)

    def test_it_may_have_grown_from_any_size(self) -> None:
        log = PublishedLog(ENTRIES[:520])
        for size in (0, 1, 2, 255, 256, 257, 300, 512, 519, 520):
            summary = audit_log(log.fetch, KEYS, checkpoint_of(ENTRIES[:size]))
            assert size == summary.previous_size

    def test_a_signature_by_an_unknown_key_is_reported_as_unverified(self) -> None:
        summary = audit_log(PublishedLog(ENTRIES[:3]).fetch, [ED25519_KEY])
        assert [ML_DSA_KEY.key_id] == [line.key_id for line in summary.unverified]
        assert [signature.key for signature in summary.verified] == [ED25519_KEY]

    def test_progress_is_told_up_to_the_whole(self) -> None:
        told: list[tuple[int, int]] = []
        audit_log(PublishedLog(ENTRIES).fetch, KEYS, progress=lambda done, total: told.append((done, total)))
        assert told == [(256, 600), (512, 600), (600, 600)]

    def test_a_partial_tile_may_have_given_way_to_the_full_one(self) -> None:
        grown, log = PublishedLog(ENTRIES[:512]), PublishedLog(ENTRIES[:300])
        for path in (tile_path(0, 1, 44), tile_path("entries", 1, 44)):
            del log.files[path]
            log.files[path.partition(".p")[0]] = grown.files[path.partition(".p")[0]]
        assert audit_log(log.fetch, KEYS).entries_read


class TestEntriesThatMayNotBeRead:
    @staticmethod
    def denying(log: PublishedLog, start: int = 0) -> Fetch:
        def fetch(path: str) -> bytes:
            if path.startswith("tile/entries") and path >= tile_path("entries", start, 256):
                raise AccessDeniedError("access-denied", "Not for you.")
            return log.fetch(path)

        return fetch

    def test_the_tree_is_verified_by_hashes_and_the_summary_says_so(self) -> None:
        summary = audit_log(self.denying(PublishedLog(ENTRIES)), KEYS)
        assert isinstance(summary, AuditSummary)
        assert (summary.size, summary.entries_read, summary.last_at) == (600, False, None)

    def test_no_verdict_is_given_where_entries_are_required(self) -> None:
        with pytest.raises(AccessDeniedError):
            audit_log(self.denying(PublishedLog(ENTRIES)), KEYS, entries_required=True)

    def test_no_verdict_is_given_where_access_ends_half_way(self) -> None:
        with pytest.raises(AccessDeniedError):
            audit_log(self.denying(PublishedLog(ENTRIES), start=1), KEYS)


class TestDamage:
    @pytest.mark.parametrize("entries_denied", [False, True])
    def test_a_flipped_byte_in_any_hash_tile_is_refused(self, entries_denied: bool) -> None:
        log = PublishedLog(ENTRIES[:258])
        fetch = TestEntriesThatMayNotBeRead.denying(log) if entries_denied else log.fetch
        for path in [path for path in log.files if path.startswith("tile/") and "entries" not in path]:
            honest = log.files[path]
            # Every byte of small tiles; each hash of the full one, at a byte that differs from hash to hash.
            positions = range(len(honest)) if len(honest) < 100 else range(0, len(honest), 41)
            for position in positions:
                log.files[path] = flipped(honest, position)
                with pytest.raises(VerificationError):
                    audit_log(fetch, KEYS)
            log.files[path] = honest
        assert audit_log(fetch, KEYS).size == 258

    def test_every_flipped_byte_of_every_tile_and_bundle_of_a_small_log_is_refused(self) -> None:
        log = PublishedLog(ENTRIES[:3])
        for path in [path for path in log.files if path.startswith("tile/")]:
            honest = log.files[path]
            for position in range(len(honest)):
                log.files[path] = flipped(honest, position)
                refusal(log)
            log.files[path] = honest

    def test_every_flipped_byte_of_the_checkpoint_is_refused(self) -> None:
        log = PublishedLog(ENTRIES[:2])
        honest = log.files["checkpoint"]
        for position in range(len(honest)):
            log.files["checkpoint"] = flipped(honest, position)
            refusal(log)

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("tile/0/000", "tile-missing"),
            ("tile/0/001.p/44", "tile-missing"),
            ("tile/1/000.p/1", "tile-missing"),
            ("tile/entries/000", "bundle-missing"),
            ("tile/entries/001.p/44", "bundle-missing"),
        ],
    )
    def test_a_missing_part_is_refused_by_name(self, path: str, code: str) -> None:
        log = PublishedLog(ENTRIES[:300])
        del log.files[path]
        assert code == refusal(log)

    @pytest.mark.parametrize(
        ("path", "code"),
        [
            ("tile/0/000", "tile-malformed"),
            ("tile/1/000.p/1", "tile-mismatch"),
            ("tile/entries/000", "bundle-malformed"),
        ],
    )
    def test_a_part_cut_short_or_lengthened_is_refused(self, path: str, code: str) -> None:
        log = PublishedLog(ENTRIES[:300])
        honest = log.files[path]
        for data in (b"", honest[:-1], honest + b"\0", honest + honest):
            log.files[path] = data
            assert code == refusal(log)

    def test_a_hash_tile_changed_with_no_entry_to_contradict_it_misses_the_root(self) -> None:
        log = PublishedLog(ENTRIES[:5])
        log.files["tile/0/000.p/5"] = flipped(log.files["tile/0/000.p/5"], 40)
        with pytest.raises(VerificationError, match="root-mismatch"):
            audit_log(TestEntriesThatMayNotBeRead.denying(log), KEYS)

    def test_without_a_checkpoint_there_is_no_verdict(self) -> None:
        log = PublishedLog(ENTRIES[:5])
        del log.files["checkpoint"]
        with pytest.raises(CannotRunError) as caught:
            audit_log(log.fetch, KEYS)
        assert isinstance(caught.value, NotFoundError)


class TestALogOfThreeLevels:
    """From 65,536 entries on a tile of level 1 is full. The entries, which are no leaves, are kept back."""

    def test_it_is_verified_and_damage_on_each_level_is_found(self) -> None:
        log = PublishedLog([b"%d" % number for number in range(65536 + 257)])
        fetch = TestEntriesThatMayNotBeRead.denying(log)
        paths = {"tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1", "tile/0/256", "tile/0/257.p/1"}
        assert paths <= set(log.files)
        assert audit_log(fetch, KEYS).size == 65536 + 257
        for path in paths:
            honest = log.files[path]
            log.files[path] = flipped(honest, len(honest) - 1)
            with pytest.raises(VerificationError, match=r"tile-mismatch|root-mismatch"):
                audit_log(fetch, KEYS)
            log.files[path] = honest


class TestEntriesThatTheirHashesDoNotStandFor:
    @staticmethod
    def rebundled(entries: list[bytes]) -> PublishedLog:
        log = PublishedLog(ENTRIES[: len(entries)])
        log.files[tile_path("entries", 0, len(entries))] = encode_bundle(entries)
        return log

    def test_an_edited_entry(self) -> None:
        assert refusal(self.rebundled([*ENTRIES[:2], ENTRIES[2] + b" ", ENTRIES[3]])) == "entry-mismatch"

    def test_exchanged_entries(self) -> None:
        assert refusal(self.rebundled([ENTRIES[1], ENTRIES[0], *ENTRIES[2:4]])) == "entry-mismatch"

    def test_a_deleted_and_an_inserted_entry(self) -> None:
        log = PublishedLog(ENTRIES[:4])
        path = tile_path("entries", 0, 4)
        for entries in (ENTRIES[1:4], ENTRIES[:3], ENTRIES[:5], [ENTRIES[0], *ENTRIES[:4]]):
            log.files[path] = encode_bundle(entries)
            assert refusal(log) == "bundle-malformed"
        assert len(parse_bundle(log.files[path], 5)) == 5


class TestEntriesThatBreakTheRules:
    """The operator itself wrote and signed these logs, so that only the rules can catch it."""

    def test_an_entry_of_another_log(self) -> None:
        assert refusal(with_entry(3, origin="other.example")) == "origin-mismatch"

    def test_an_entry_with_another_number(self) -> None:
        assert refusal(with_entry(3, seq=4)) == "index-mismatch"

    def test_an_entry_that_follows_another(self) -> None:
        assert refusal(with_entry(3, prev=leaf_hash(ENTRIES[1]).hex())) == "chain-broken"

    def test_an_entry_whose_time_falls(self) -> None:
        assert refusal(with_entry(3, at="2026-04-01T00:00:01.999Z")) == "time-fell"

    def test_entries_at_the_same_time_are_in_order(self) -> None:
        assert audit_log(with_entry(3, at="2026-04-01T00:00:02.000Z").fetch, KEYS).size == 4

    def test_the_rules_hold_across_the_edge_of_a_tile(self) -> None:
        assert refusal(with_entry(256, prev="ab" * 32)) == "chain-broken"
        assert refusal(with_entry(256, at="2026-04-01T00:00:00.000Z")) == "time-fell"

    def test_an_entry_that_is_no_leaf(self) -> None:
        assert refusal(PublishedLog([*ENTRIES[:3], b"{ }"])) == "leaf-not-canonical"
        with pytest.raises(MalformedError, match="Entry 3"):
            audit_log(PublishedLog([*ENTRIES[:3], b"{ }"]).fetch, KEYS)


class TestWhatIsRemembered:
    @pytest.mark.parametrize(("size", "before"), [(0, 1), (4, 5), (256, 300)])
    def test_a_log_that_shrank_is_refused(self, size: int, before: int) -> None:
        log = PublishedLog(ENTRIES[:size])
        remembered = checkpoint_of(ENTRIES[:before])
        with pytest.raises(InconsistentLogError) as caught:
            audit_log(log.fetch, KEYS, remembered)
        assert caught.value.code == "log-shrank"
        assert (remembered, log.files["checkpoint"]) == (caught.value.trusted, caught.value.observed)

    @pytest.mark.parametrize("size", [5, 256, 300])
    def test_another_history_of_the_same_size_is_refused(self, size: int) -> None:
        forked = make_entries(size, seed="forked", start=ENTRIES[: size - 1])
        assert refusal(PublishedLog(forked), checkpoint_of(ENTRIES[:size])) == "log-forked"

    @pytest.mark.parametrize(("before", "fork", "size"), [(5, 4, 9), (300, 10, 400), (256, 255, 257), (511, 300, 600)])
    def test_another_history_that_grew_is_refused(self, before: int, fork: int, size: int) -> None:
        log = PublishedLog(make_entries(size, seed="forked", start=ENTRIES[:fork]))
        assert size == audit_log(log.fetch, KEYS).size
        remembered = checkpoint_of(ENTRIES[:before])
        with pytest.raises(InconsistentLogError) as caught:
            audit_log(log.fetch, KEYS, remembered)
        assert caught.value.code == "log-forked"
        assert (remembered, log.files["checkpoint"]) == (caught.value.trusted, caught.value.observed)

    def test_a_rewritten_log_is_refused_without_its_entries_too(self) -> None:
        log = PublishedLog(make_entries(9, seed="forked", start=ENTRIES[:4]))
        with pytest.raises(InconsistentLogError, match="log-forked"):
            audit_log(TestEntriesThatMayNotBeRead.denying(log), KEYS, checkpoint_of(ENTRIES[:5]))

    def test_the_memory_of_another_log_is_refused(self) -> None:
        remembered = sign(Checkpoint("other.example", 1, naive_root(ENTRIES[:1])))
        assert refusal(PublishedLog(ENTRIES[:2]), remembered) == "origin-mismatch"

    def test_a_damaged_memory_is_refused(self) -> None:
        assert refusal(PublishedLog(ENTRIES[:2]), b"damaged") == "note-malformed"
