// Reads what `sallyport audit` wrote with packages that nobody of this project wrote: golang.org/x/mod/sumdb/note (signed
// notes) and golang.org/x/mod/sumdb/tlog (the tree of RFC 6962). What these two do not know stands below: cosignatures
// (C2SP tlog-cosignature) and the lines of a proof (C2SP tlog-proof).
//
// Takes JSON on standard input, writes JSON; ends with 1 and the reason at the first thing that is not true.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	// Verifier keys as signed-note spells them: the first is the ledger's, the others are witnesses'.
	Vkeys       []string
	Checkpoints []string
	// Texts of C2SP tlog-proof; the extra data is the record.
	Proofs []string
	// All records of the ledger in their order, and proofs that one size continues another.
	Records     [][]byte
	Consistency []struct {
		Older, Newer int64
		Path         [][]byte
	}
}

type answer struct {
	Checkpoints []signedHead
	Proofs      []provenRecord
	Consistency int
}

type signedHead struct {
	Origin    string
	Size      int64
	Witnesses map[string]int64
}

type provenRecord struct {
	Index  int64
	Record []byte
	Head   signedHead
}

func main() {
	var q question
	must("question", json.NewDecoder(os.Stdin).Decode(&q))
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for at, index := range indexes {
			found[at] = hashes[index]
		}
		return found, nil
	})
	for at, record := range q.Records {
		added, err := tlog.StoredHashes(int64(at), record, reader)
		must("tree", err)
		hashes = append(hashes, added...)
	}
	rootOf := func(size int64) tlog.Hash {
		root, err := tlog.TreeHash(size, reader)
		must("tree", err)
		return root
	}

	a := answer{}
	for _, text := range q.Checkpoints {
		head, root := open(text, q.Vkeys)
		if q.Records != nil && head.Size <= int64(len(q.Records)) && rootOf(head.Size) != root {
			fail(fmt.Sprintf("the records give another root of %d", head.Size))
		}
		a.Checkpoints = append(a.Checkpoints, head)
	}
	for _, text := range q.Proofs {
		a.Proofs = append(a.Proofs, prove(text, q.Vkeys))
	}
	for _, c := range q.Consistency {
		proof := make(tlog.TreeProof, len(c.Path))
		for at, hash := range c.Path {
			copy(proof[at][:], hash)
		}
		must("consistency", tlog.CheckTree(proof, c.Newer, rootOf(c.Newer), c.Older, rootOf(c.Older)))
		a.Consistency++
	}
	must("answer", json.NewEncoder(os.Stdout).Encode(a))
}

// open checks all signatures of known keys on a checkpoint; the ledger's must be among them.
func open(text string, vkeys []string) (signedHead, tlog.Hash) {
	var verifiers []note.Verifier
	for _, vkey := range vkeys {
		verifiers = append(verifiers, verifierOf(vkey))
	}
	n, err := note.Open([]byte(text), note.VerifierList(verifiers...))
	must("checkpoint", err)
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != verifiers[0].Name() {
		fail("checkpoint: not the three lines of this ledger")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must("checkpoint", err)
	root, err := tlog.ParseHash(lines[2])
	must("checkpoint", err)
	head := signedHead{Origin: lines[0], Size: size, Witnesses: map[string]int64{}}
	isSigned := false
	for _, signature := range n.Sigs {
		if signature.Name == verifiers[0].Name() && signature.Hash == verifiers[0].KeyHash() {
			isSigned = true
			continue
		}
		bytes, err := base64.StdEncoding.DecodeString(signature.Base64)
		must("cosignature", err)
		head.Witnesses[signature.Name] = int64(binary.BigEndian.Uint64(bytes[4:12]))
	}
	if !isSigned {
		fail("checkpoint: not signed by the ledger")
	}
	return head, root
}

func prove(text string, vkeys []string) provenRecord {
	first, checkpoint, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(first, "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		fail("proof: no tlog-proof")
	}
	record, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must("proof", err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must("proof", err)
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		must("proof", err)
		path = append(path, hash)
	}
	head, root := open(checkpoint, vkeys)
	must("proof", tlog.CheckRecord(path, head.Size, root, index, tlog.RecordHash(record)))
	return provenRecord{Index: index, Record: record, Head: head}
}

// verifierOf knows both kinds of key: the package's own (0x01), and of cosignatures (0x04).
func verifierOf(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) == 3 {
		key, err := base64.StdEncoding.DecodeString(parts[2])
		must("key", err)
		if len(key) == 33 && key[0] == 4 {
			hash, err := strconv.ParseUint(parts[1], 16, 32)
			must("key", err)
			return witness{parts[0], uint32(hash), ed25519.PublicKey(key[1:])}
		}
	}
	verifier, err := note.NewVerifier(vkey)
	must("key", err)
	return verifier
}

type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(w.key, []byte(signed), signature[8:])
}

func must(what string, err error) {
	if err != nil {
		fail(what + ": " + err.Error())
	}
}

func fail(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(1)
}
