// Command go_verifier checks a sekisho ledger with golang.org/x/mod/sumdb alone: nothing of sekisho is in here.
//
//	go_verifier VKEY FOLDER [OLDER-CHECKPOINT]
//	go_verifier VKEY RECEIPT ENTRY
//	go_verifier VKEY OLDER-CHECKPOINT CHECKPOINT CONSISTENCY-PROOF
//
// Over a folder it opens the checkpoint with the key, hashes every entry bundle and compares it with the authenticated tiles, checks
// an inclusion proof for every entry asked for, and that the older checkpoint is continued. It prints one line and
// leaves with 0, or says what is wrong and leaves with 1.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...interface{}) {
	fmt.Printf(format+"\n", args...)
	os.Exit(1)
}

type folder struct{ path string }

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles looks for each tile at the path C2SP tlog-tiles gives it, the full one where the partial is gone.
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := f.read(name(strconv.Itoa(t.L), t.N, t.W), name(strconv.Itoa(t.L), t.N, 256))
		if err != nil {
			return nil, err
		}
		if len(data) < t.W*tlog.HashSize {
			return nil, fmt.Errorf("tile %v is short", t)
		}
		all = append(all, data[:t.W*tlog.HashSize])
	}
	return all, nil
}

func (f folder) read(names ...string) ([]byte, error) {
	var err error
	for _, n := range names {
		var data []byte
		if data, err = os.ReadFile(filepath.Join(f.path, n)); err == nil {
			return data, nil
		}
	}
	return nil, err
}

func name(level string, n int64, w int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	path = "tile/" + level + "/" + path
	if w < 256 {
		path += fmt.Sprintf(".p/%d", w)
	}
	return path
}

func open(text []byte, verifier note.Verifier) tlog.Tree {
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		fail("checkpoint: %v", err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		fail("checkpoint: of another log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		fail("checkpoint: size: %v", err)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		fail("checkpoint: root")
	}
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

// entries compares every entry with the leaf hash that the signed root vouches for.
func entries(f folder, tree tlog.Tree, reader tlog.HashReader) {
	for first := int64(0); first < tree.N; first += 256 {
		width := int64(256)
		if tree.N-first < width {
			width = tree.N - first
		}
		data, err := f.read(name("entries", first/256, int(width)), name("entries", first/256, 256))
		if err != nil {
			fail("entry %d: %v", first, err)
		}
		var indexes []int64
		for i := first; i < first+width; i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, i))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			fail("entry %d: %v", first, err)
		}
		for i, hash := range hashes {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				fail("entry %d: cut off", first+int64(i))
			}
			length := int(binary.BigEndian.Uint16(data))
			if tlog.RecordHash(data[2:2+length]) != hash {
				fail("entry %d: altered", first+int64(i))
			}
			data = data[2+length:]
		}
	}
}

func inclusion(tree tlog.Tree, reader tlog.HashReader) int {
	step := tree.N/500 + 1
	count := 0
	for i := int64(0); i < tree.N; i += step {
		proof, err := tlog.ProveRecord(tree.N, i, reader)
		if err != nil {
			fail("inclusion of %d: %v", i, err)
		}
		leaf, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		if err != nil {
			fail("inclusion of %d: %v", i, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, i, leaf[0]); err != nil {
			fail("inclusion of %d: %v", i, err)
		}
		count++
	}
	return count
}

func file(path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		fail("%v", err)
	}
	return data
}

func hashes(lines []string) []tlog.Hash {
	var all []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			fail("%v", err)
		}
		all = append(all, hash)
	}
	return all
}

// receipt checks a C2SP tlog-proof text against the bytes of an entry.
func receipt(text string, entry []byte, verifier note.Verifier) {
	halves := strings.SplitN(text, "\n\n", 2)
	lines := strings.Split(halves[0], "\n")
	if len(halves) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("receipt: not a tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		fail("receipt: %v", err)
	}
	tree := open([]byte(halves[1]), verifier)
	if err := tlog.CheckRecord(hashes(lines[2:]), tree.N, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
		fail("receipt: %v", err)
	}
	fmt.Printf("good: entry %d of %d\n", index, tree.N)
}

func consistency(proof []string, older, newer tlog.Tree) {
	if err := tlog.CheckTree(hashes(proof), newer.N, newer.Hash, older.N, older.Hash); err != nil {
		fail("consistency: %v", err)
	}
	fmt.Printf("good: %d entries continue %d\n", newer.N, older.N)
}

func main() {
	if len(os.Args) < 3 {
		fail("usage: see the head of main.go")
	}
	verifier, err := note.NewVerifier(os.Args[1])
	if err != nil {
		fail("vkey: %v", err)
	}
	if len(os.Args) == 5 {
		proof := strings.Fields(string(file(os.Args[4])))
		consistency(proof, open(file(os.Args[2]), verifier), open(file(os.Args[3]), verifier))
		return
	}
	if strings.HasSuffix(os.Args[2], ".tlog-proof") && len(os.Args) == 4 {
		receipt(string(file(os.Args[2])), file(os.Args[3]), verifier)
		return
	}
	f := folder{os.Args[2]}
	text, err := f.read("checkpoint")
	if err != nil {
		fail("checkpoint: %v", err)
	}
	tree := open(text, verifier)
	reader := tlog.TileHashReader(tree, f)
	entries(f, tree, reader)
	proofs := inclusion(tree, reader)
	if len(os.Args) > 3 {
		text, err := os.ReadFile(os.Args[3])
		if err != nil {
			fail("older checkpoint: %v", err)
		}
		older := open(text, verifier)
		if older.N > 0 {
			proof, err := tlog.ProveTree(tree.N, older.N, reader)
			if err != nil {
				fail("consistency: %v", err)
			}
			if err := tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash); err != nil {
				fail("consistency: %v", err)
			}
		}
	}
	fmt.Printf("good: %d entries, %d inclusion proofs\n", tree.N, proofs)
}
