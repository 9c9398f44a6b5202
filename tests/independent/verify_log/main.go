// Command verify_log checks a published log with none of this project's code: signed note, tree and tiles are those of
// golang.org/x/mod/sumdb. It prints OK and the size, or says what failed and exits with status 1.
//
//	verify_log URL VKEY [TOKEN] [OLDER-CHECKPOINT-FILE]
//	verify_log inclusion VKEY PROOF-FILE ENTRY-FILE
//	verify_log consistency VKEY OLDER-CHECKPOINT-FILE NEWER-CHECKPOINT-FILE PROOF-FILE
//
// The second form checks a proof as a receipt holds it (C2SP tlog-proof), the third a consistency proof, one hash in
// base64 to a line, against two checkpoints. In the first form,
// URL is the log's prefix. With a token (not "-") every entry is read from its bundle and hashed. With an older
// checkpoint of the same log, the log must extend it.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type log struct {
	prefix string
	token  string
	read   map[string][]byte
}

func (l log) get(path string, private bool) ([]byte, error) {
	request, err := http.NewRequest("GET", l.prefix+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	if private {
		request.Header.Set("Authorization", "Bearer "+l.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", path, response.StatusCode)
	}
	return io.ReadAll(response.Body)
}

// Height, ReadTiles and SaveTiles make a tlog.TileReader. What C2SP calls tile/L/N is tile/8/L/N there.
func (l log) Height() int { return height }

func (l log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		data, known := l.read[path]
		if !known {
			var err error
			if data, err = l.get(path, false); err != nil {
				return nil, err
			}
			l.read[path] = data
		}
		if len(data) != tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: %d bytes for %d hashes", tile.Path(), len(data), tile.W)
		}
		found = append(found, data)
	}
	return found, nil
}

func (l log) SaveTiles([]tlog.Tile, [][]byte) {}

// open returns the tree that a checkpoint signed with the key states. The first line is the key's name.
func open(data []byte, verifier note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		return tlog.Tree{}, errors.New("checkpoint: not the three lines of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, errors.New("checkpoint: the size is not a number")
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return tlog.Tree{}, errors.New("checkpoint: the root is not a hash")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree, nil
}

// bundle returns the entries of one bundle: two bytes of length before each.
func bundle(data []byte, width int64) ([][]byte, error) {
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 {
			return nil, errors.New("bundle: cut off")
		}
		length := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+length {
			return nil, errors.New("bundle: cut off")
		}
		entries, data = append(entries, data[2:2+length]), data[2+length:]
	}
	if int64(len(entries)) != width {
		return nil, fmt.Errorf("bundle: %d entries instead of %d", len(entries), width)
	}
	return entries, nil
}

// hashes returns every leaf hash, each authenticated against the signed root by its tiles.
func hashes(reader tlog.HashReader, size int64) ([]tlog.Hash, error) {
	indexes := make([]int64, size)
	for n := range indexes {
		indexes[n] = tlog.StoredHashIndex(0, int64(n))
	}
	return reader.ReadHashes(indexes)
}

// rootOf returns the root over hashes, at most 256 of which are one tile's.
func rootOf(hashes []tlog.Hash) tlog.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	split := 1
	for split*2 < len(hashes) {
		split *= 2
	}
	return tlog.NodeHash(rootOf(hashes[:split]), rootOf(hashes[split:]))
}

// checkTiles recomputes every published tile from the leaf hashes. The reader of x/mod (at 0.7.0) compares full tiles with
// their parents only from the len(subtrees)-th on: where several subtrees lie in one tile, it takes some tiles unseen.
func (l log) checkTiles(tree tlog.Tree, leaves []tlog.Hash) error {
	if tree.N > 0 && rootOf(leaves) != tree.Hash {
		return errors.New("the leaf hashes do not give the signed root")
	}
	for level, hashes := 0, leaves; len(hashes) > 0; level++ {
		var above []tlog.Hash
		for start := 0; start < len(hashes); start += 1 << height {
			end := start + 1<<height
			if end > len(hashes) {
				end = len(hashes)
			} else {
				above = append(above, rootOf(hashes[start:end]))
			}
			tile := tlog.Tile{H: height, L: level, N: int64(start >> height), W: end - start}
			found, err := l.ReadTiles([]tlog.Tile{tile})
			if err != nil {
				return err
			}
			for n, one := range hashes[start:end] {
				if string(found[0][n*tlog.HashSize:(n+1)*tlog.HashSize]) != string(one[:]) {
					return fmt.Errorf("%s is not what the tiles below it give", tile.Path())
				}
			}
		}
		hashes = above
	}
	return nil
}

func (l log) checkEntries(tree tlog.Tree, leaves []tlog.Hash, reader tlog.HashReader) error {
	for start := int64(0); start < tree.N; start += 1 << height {
		width := tree.N - start
		path := tlog.Tile{H: height, L: -1, N: start >> height, W: 1 << height}
		if width < 1<<height {
			path.W = int(width)
		} else {
			width = 1 << height
		}
		data, err := l.get("tile/entries/"+strings.TrimPrefix(path.Path(), "tile/8/data/"), true)
		if err != nil {
			return err
		}
		entries, err := bundle(data, width)
		if err != nil {
			return err
		}
		for n, entry := range entries {
			if tlog.RecordHash(entry) != leaves[start+int64(n)] {
				return fmt.Errorf("entry %d is not what its hash stands for", start+int64(n))
			}
		}
	}
	for n := int64(0); n < tree.N; n += 1 + tree.N/64 {
		proof, err := tlog.ProveRecord(tree.N, n, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, n, leaves[n]); err != nil {
			return fmt.Errorf("inclusion of entry %d: %w", n, err)
		}
	}
	return nil
}

func checkExtends(tree, older tlog.Tree, reader tlog.HashReader) error {
	if older.N > tree.N {
		return fmt.Errorf("the log has %d entries, fewer than the %d seen before", tree.N, older.N)
	}
	if older.N == 0 {
		return nil
	}
	proof, err := tlog.ProveTree(tree.N, older.N, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash); err != nil {
		return fmt.Errorf("the log does not extend what was seen before: %w", err)
	}
	return nil
}

func verify(arguments []string) (int64, error) {
	if len(arguments) < 2 {
		return 0, errors.New("usage: verify_log URL VKEY [TOKEN] [OLDER-CHECKPOINT-FILE]")
	}
	verifier, err := note.NewVerifier(arguments[1])
	if err != nil {
		return 0, err
	}
	l := log{prefix: strings.TrimSuffix(arguments[0], "/"), read: map[string][]byte{}}
	data, err := l.get("checkpoint", false)
	if err != nil {
		return 0, err
	}
	tree, err := open(data, verifier)
	if err != nil {
		return 0, err
	}
	reader := tlog.TileHashReader(tree, l)
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return 0, err
	}
	if root != tree.Hash {
		return 0, errors.New("the tiles do not give the signed root")
	}
	leaves, err := hashes(reader, tree.N)
	if err != nil {
		return 0, err
	}
	if err := l.checkTiles(tree, leaves); err != nil {
		return 0, err
	}
	if len(arguments) > 2 && arguments[2] != "-" {
		l.token = arguments[2]
		if err := l.checkEntries(tree, leaves, reader); err != nil {
			return 0, err
		}
	}
	if len(arguments) > 3 {
		before, err := os.ReadFile(arguments[3])
		if err != nil {
			return 0, err
		}
		older, err := open(before, verifier)
		if err != nil {
			return 0, err
		}
		if err := checkExtends(tree, older, reader); err != nil {
			return 0, err
		}
	}
	return tree.N, nil
}

// hash returns the hash that a line of base64 spells.
func hash(line string) (tlog.Hash, error) {
	var found tlog.Hash
	data, err := base64.StdEncoding.Strict().DecodeString(line)
	if err != nil || len(data) != tlog.HashSize {
		return found, errors.New("proof: a line is not a hash")
	}
	copy(found[:], data)
	return found, nil
}

func hashLines(lines []string) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, line := range lines {
		one, err := hash(line)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

func inclusion(vkey, proofFile, entryFile string) (int64, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return 0, err
	}
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return 0, err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return 0, err
	}
	parts := strings.SplitN(string(text), "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, errors.New("proof: not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil || lines[1] != fmt.Sprintf("index %d", index) {
		return 0, errors.New("proof: no index")
	}
	path, err := hashLines(lines[2:])
	if err != nil {
		return 0, err
	}
	tree, err := open([]byte(parts[1]), verifier)
	if err != nil {
		return 0, err
	}
	return tree.N, tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func consistency(vkey, olderFile, newerFile, proofFile string) (int64, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return 0, err
	}
	var trees []tlog.Tree
	for _, file := range []string{olderFile, newerFile} {
		data, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		tree, err := open(data, verifier)
		if err != nil {
			return 0, err
		}
		trees = append(trees, tree)
	}
	text, err := os.ReadFile(proofFile)
	if err != nil {
		return 0, err
	}
	var proof []tlog.Hash
	if len(text) > 0 {
		if proof, err = hashLines(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")); err != nil {
			return 0, err
		}
	}
	return trees[1].N, tlog.CheckTree(proof, trees[1].N, trees[1].Hash, trees[0].N, trees[0].Hash)
}

func run(arguments []string) (int64, error) {
	if len(arguments) == 4 && arguments[0] == "inclusion" {
		return inclusion(arguments[1], arguments[2], arguments[3])
	}
	if len(arguments) == 5 && arguments[0] == "consistency" {
		return consistency(arguments[1], arguments[2], arguments[3], arguments[4])
	}
	return verify(arguments)
}

func main() {
	size, err := run(os.Args[1:])
	if err != nil {
		fmt.Println("NOT VERIFIED", err)
		os.Exit(1)
	}
	fmt.Println("OK", size)
}
