package pki

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"
)

// checkExplained fails the test unless whatever Go makes of the bytes is told
// with a cause and a description.
func checkExplained(t *testing.T, data, key []byte) {
	t.Helper()
	if _, err := tls.X509KeyPair(data, key); err != nil {
		e := explainPair("a.crt", "a.key", data, key, err)
		if e.CauseID == "" || e.Detail == "" || e.Go != err.Error() {
			t.Fatalf("%v is explained as %+v", err, e)
		}
	}
	if len(appendable(data)) == 0 {
		if e := explainBundle("a.crt", data); e.CauseID != "bundle-unread" || e.Detail == "" {
			t.Fatalf("an unread bundle is explained as %+v", e)
		}
	}
	lostInPair("a.crt", data)
	lostInBundle("a.crt", data)
	x := &exhibit{path: "a.crt"}
	x.examine(data)
	s := &sorter{result: &Sorting{}, exhibits: []*exhibit{x}}
	s.decide()
	if s.result.Files[0].Is == "" {
		t.Fatal("nothing is said of the file")
	}
}

// readParts counts the blocks that scan says are read.
func readParts(data []byte) (n int) {
	for _, p := range scan(data) {
		if p.read() {
			n++
		}
	}
	return n
}

func countBlocks(data []byte) (n int) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return n
		}
		n++
	}
}

// A chain that was cut off anywhere is explained, and the explanation is right
// where it is of one word.
func TestExplainTruncated(t *testing.T) {
	w := newWardrobe(t)
	for n := range len(w.cert) - 1 {
		cut := w.cert[:n]
		checkExplained(t, cut, w.key)
		_, err := tls.X509KeyPair(cut, w.key)
		if err == nil {
			t.Fatalf("cut to %d bytes it still loads", n)
		}
		e := explainPair("a.crt", "a.key", cut, w.key, err)
		if n > 27 && (e.CauseID != "not-pem" || e.Detail != truncated.detail) {
			t.Fatalf("cut to %d bytes: %s, %s", n, e.CauseID, e.Detail)
		}
	}
	for _, der := range [][]byte{w.leaf, decoded(w.key)} {
		for n := range der {
			checkExplained(t, der[:n], w.key)
			checkExplained(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der[:n]}), w.key)
			checkExplained(t, w.cert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der[:n]}))
		}
	}
}

// Files that are made to be slow to read are not.
func TestScanHostile(t *testing.T) {
	begin := []byte("-----BEGIN CERTIFICATE-----")
	for name, data := range map[string][]byte{
		"one line of BEGINs":  bytes.Repeat(begin, 100_000),
		"lines of BEGINs":     bytes.Repeat(append(begin, '\n'), 100_000),
		"many small blocks":   bytes.Repeat([]byte("-----BEGIN A-----\nAAAA\n-----END A-----\n"), 50_000),
		"many certificates":   bytes.Repeat(certPEM([]byte("x")), 20_000),
		"one very long line":  append(bytes.Clone(begin), bytes.Repeat([]byte("A"), 4<<20)...),
		"nothing but 0x30":    bytes.Repeat([]byte{0x30}, 4<<20),
		"nothing but zeros":   make([]byte, 4<<20),
		"base64 of more text": base64Of(bytes.Repeat([]byte("A"), 2<<20)),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			if got, want := readParts(data), countBlocks(data); got != want {
				t.Errorf("%d parts are read, encoding/pem reads %d", got, want)
			}
			foreign(data)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func FuzzExplain(f *testing.F) {
	w := newWardrobe(f)
	for _, data := range [][]byte{
		w.chain, w.key, w.leaf, withBOM(w.chain), indent(w.chain), literal(w.chain), onOneLine(w.cert), crOnly(w.cert), base64Of(w.chain),
		base64Of(w.leaf), wide(w.cert, true, true), glue(w.cert, w.cert), damageBase64(w.chain), withoutEnd(w.chain), nil,
		relabel(w.cert, "TRUSTED CERTIFICATE"), relabel(w.cert, "PKCS7"), relabel(w.key, "EC PRIVATE KEY"), relabel(w.key, "CERTIFICATE REQUEST"),
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkExplained(t, data, w.key)
		checkExplained(t, w.cert, data)
		if got, want := readParts(data), countBlocks(data); got > want {
			t.Fatalf("%d parts are read, encoding/pem reads %d", got, want)
		}
		pool := x509.NewCertPool()
		if pool.AppendCertsFromPEM(data) != (len(appendable(data)) > 0) {
			t.Fatal("AppendCertsFromPEM reads otherwise")
		}
	})
}
