package report

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"shakedown/harness"
	"shakedown/harness/field"
)

// reference writes a value as encoding/json does, with what it leaves escaped: it
// is what the encoder has to equal.
func reference(t testing.TB, v any, indent string) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, v, indent); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// checkEncoding fails unless results are written as the reference writes them.
func checkEncoding(t testing.TB, r harness.Report) {
	t.Helper()
	wanted := harness.Report{Version: r.Version, Results: []harness.Result{}, Summary: r.Summary}
	var lines, document bytes.Buffer
	jsonl := NewJSONL(&lines)
	var want strings.Builder
	for _, result := range r.Results {
		if err := jsonl.Result(result); err != nil {
			t.Fatal(err)
		}
		wanted.Results = append(wanted.Results, whole(result))
		want.WriteString(reference(t, whole(result), ""))
	}
	if difference := firstByte(lines.String(), want.String()); difference != "" {
		t.Errorf("a line of JSON differs: %s", difference)
	}
	if err := Write(NewJSON(&document), r); err != nil {
		t.Fatal(err)
	}
	if difference := firstByte(document.String(), reference(t, wanted, "  ")); difference != "" {
		t.Errorf("the JSON document differs: %s", difference)
	}
}

// firstByte shows where two texts differ, empty where they do not.
func firstByte(got, want string) string {
	if got == want {
		return ""
	}
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	around := func(s string) string { return s[max(i-60, 0):min(i+60, len(s))] }
	return fmt.Sprintf("at byte %d\n got …%q\nwant …%q", i, around(got), around(want))
}

func TestEncodingOfTheSample(t *testing.T) { checkEncoding(t, sample()) }

// TestEncodingOfEveryMember fills every member of every type with something.
func TestEncodingOfEveryMember(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		var r harness.Report
		fill(reflect.ValueOf(&r).Elem(), random, 0)
		r.Version = JSONVersion
		for i := range r.Results { // a result repeats a connection as it is
			if c := r.Results[i].Connections; len(c) > 0 {
				r.Results[i].ConnectionResult = c[random.IntN(len(c))]
			}
		}
		checkEncoding(t, r)
	}
}

// fill sets everything in v.
func fill(v reflect.Value, random *rand.Rand, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(nasty[random.IntN(len(nasty)):])
	case reflect.Bool:
		v.SetBool(random.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(random.Int64() - random.Int64())
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(random.Uint64() >> (64 - v.Type().Bits()))
	case reflect.Pointer:
		if random.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), random, depth)
		}
	case reflect.Slice:
		if depth > 6 || random.IntN(4) == 0 {
			return
		}
		n := random.IntN(3)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(v.Index(i), random, depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), random, depth)
		}
	default:
		panic("the contract has a " + v.Kind().String())
	}
}

// FuzzAppendString holds the escaping of any text against encoding/json's.
func FuzzAppendString(f *testing.F) {
	f.Add(nasty)
	f.Add("\u2028\u2029\ufffd\x7f<&>\b\f\n\r\t")
	f.Fuzz(func(t *testing.T, s string) {
		got := string(appendString(nil, s)) + "\n"
		if want := reference(t, s, ""); got != want {
			t.Errorf("%q is written %s, want %s", s, got, want)
		}
	})
}

// TestAppendStringAtEveryPlace puts what has to be escaped, and what looks like it,
// at every place of a string of every length up to several words, behind a text that
// has to stay.
func TestAppendStringAtEveryPlace(t *testing.T) {
	for _, odd := range []string{"", "\x00", "\x1f", " ", "!", `"`, "#", "[", `\`, "]", "~", "\x7f", "\u0080", "…", "\u2028", "\U000e0001", "\xff"} {
		for n := range 28 {
			for at := range n + 1 {
				s := strings.Repeat("a", at) + odd + strings.Repeat("z", n-at)
				got := string(appendString([]byte("before"), s)) + "\n"
				if want := "before" + reference(t, s, ""); got != want {
					t.Fatalf("%q is written %s, want %s", s, got, want)
				}
			}
		}
	}
}

// BenchmarkJSONL writes a result with a thousand fields, as open does for each
// connection of a capture. It is measured against encoding/json.
func BenchmarkJSONL(b *testing.B) {
	r := passed("healthy/mutual", "tcp", "1.3")
	leaf := field.Field{
		Label: "cipher_suite", Buffer: "message", Start: 71, End: 73, Value: "TLS_AES_128_GCM_SHA256 (0x1301)", Section: "RFC 8446 4.1.2",
		Meaning: "The one cipher suite that the server has chosen from the client's offer.",
	}
	for i := range r.Steps {
		for range 20 {
			group := leaf
			for range 24 {
				group.Fields = append(group.Fields, leaf)
			}
			r.Steps[i].Fields = append(r.Steps[i].Fields, group)
		}
	}
	r.Connections[0].Steps = r.Steps
	size := int64(len(reference(b, whole(r), "")))
	b.Run("encoder", func(b *testing.B) {
		w := NewJSONL(io.Discard)
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			if err := w.Result(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			if err := WriteJSON(io.Discard, whole(r), ""); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// whole returns r with every list present: readers need not tell null from empty.
func whole(r harness.Result) harness.Result {
	r.Mismatches = list(r.Mismatches)
	for i := range r.Mismatches {
		r.Mismatches[i].Steps = list(r.Mismatches[i].Steps)
	}
	r.ConnectionResult = wholeConnection(r.ConnectionResult)
	r.Connections = list(r.Connections)
	for i := range r.Connections {
		r.Connections[i] = wholeConnection(r.Connections[i])
	}
	return r
}

func wholeConnection(c harness.ConnectionResult) harness.ConnectionResult {
	c.Causes = wholeCauses(c.Causes)
	c.Further = wholeCauses(c.Further)
	c.Missing, c.Unexplained = list(c.Missing), list(c.Unexplained)
	if c.Likely != nil {
		likely := *c.Likely
		likely.Evidence = list(likely.Evidence)
		c.Likely = &likely
	}
	c.Chains.Server = wholeChain(c.Chains.Server)
	c.Chains.Client = wholeChain(c.Chains.Client)
	c.Chains.ServerPaths = wholePaths(c.Chains.ServerPaths)
	c.Chains.ClientPaths = wholePaths(c.Chains.ClientPaths)
	c.Steps = list(c.Steps)
	for i := range c.Steps {
		c.Steps[i].Marks = list(c.Steps[i].Marks)
	}
	return c
}

func wholeCauses(causes []harness.CauseResult) []harness.CauseResult {
	causes = list(causes)
	for i := range causes {
		causes[i].Evidence = list(causes[i].Evidence)
	}
	return causes
}

func wholeChain(chain []harness.CertificateResult) []harness.CertificateResult {
	chain = list(chain)
	for i := range chain {
		chain[i].Problems = list(chain[i].Problems)
	}
	return chain
}

func wholePaths(paths []harness.PathResult) []harness.PathResult {
	paths = list(paths)
	for i := range paths {
		paths[i].Subjects = list(paths[i].Subjects)
	}
	return paths
}

// list returns a copy of s that is never nil, so that the caller's result stays
// as it was.
func list[T any](s []T) []T { return append(make([]T, 0, len(s)), s...) }
