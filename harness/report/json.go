package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"unicode"
	"unicode/utf8"

	"shakedown/harness"
)

// JSONVersion is the version of the JSON contract. Fields are added under one
// version, never renamed.
const JSONVersion = 1

// JSON writes one object: version, results, summary. It writes nothing before
// End, so that what is written is always a whole document.
type JSON struct {
	w      io.Writer
	report harness.Report
}

// NewJSON returns a JSON writer.
func NewJSON(w io.Writer) *JSON {
	return &JSON{w: w, report: harness.Report{Version: JSONVersion, Results: []harness.Result{}}}
}

// Begin does nothing.
func (j *JSON) Begin(int) error { return nil }

// Result keeps r for End.
func (j *JSON) Result(r harness.Result) error {
	j.report.Results = append(j.report.Results, r)
	return nil
}

// End writes the report, indented.
func (j *JSON) End(s harness.Summary) error {
	j.report.Summary = s
	e := resultEncoder{encoder: encoder{indent: "  "}}
	e.encode(j.report, nil)
	return e.writeTo(j.w)
}

// JSONL writes one result a line, as it comes, and no summary. It is an [Encoder].
type JSONL struct {
	w io.Writer
	// spare are encoders with the memory of the lines that were written: a line with
	// its fields has a quarter of a million bytes. The one that was used last is in
	// the processor's cache and comes first.
	mu    sync.Mutex
	spare []*resultEncoder
	// longest is the room that the longest line took: the size of new ones.
	longest int
	// shared has the texts of fields that are in many lines.
	shared sharedTexts
}

// What is spared: as many lines as are ready before their turn, and none that is
// far larger than a handshake's. The first have room for one of these: to grow to
// that size a line would be copied a dozen times.
const (
	firstLine     = 1 << 18
	mostSpare     = 16
	mostSpareLine = 1 << 20
)

// NewJSONL returns a JSONL writer.
func NewJSONL(w io.Writer) *JSONL { return &JSONL{w: w, longest: firstLine} }

// Begin does nothing.
func (j *JSONL) Begin(int) error { return nil }

// Result writes one line.
func (j *JSONL) Result(r harness.Result) error {
	return j.Encode(r, nil)()
}

// Encode makes the line, and returns what writes it.
func (j *JSONL) Encode(r harness.Result, complete func(step int, r *harness.StepResult)) (write func() error) {
	line := j.line()
	line.encode(r, complete)
	return func() error {
		err := line.writeTo(j.w)
		j.keep(line)
		return err
	}
}

// line returns an encoder with as much memory as a line takes.
func (j *JSONL) line() *resultEncoder {
	j.mu.Lock()
	defer j.mu.Unlock()
	if last := len(j.spare) - 1; last >= 0 {
		line := j.spare[last]
		j.spare = j.spare[:last]
		return line
	}
	return &resultEncoder{encoder: encoder{b: make([]byte, 0, j.longest), shared: &j.shared}}
}

// keep spares an encoder, unless there are enough.
func (j *JSONL) keep(line *resultEncoder) {
	if cap(line.b) > mostSpareLine {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.longest = max(j.longest, cap(line.b))
	if len(j.spare) < mostSpare {
		j.spare = append(j.spare, line)
	}
}

// End does nothing.
func (j *JSONL) End(harness.Summary) error { return nil }

// WriteJSON writes v, which is no result, as JSON and a newline. Every character that could drive a
// terminal or reorder a line is written as \uXXXX.
func WriteJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("encode JSON: %w", err)
	}
	_, err := w.Write(escape(b.Bytes()))
	return err
}

// escape writes what is not printable as \uXXXX. encoding/json escapes the C0
// controls and leaves DEL, the C1 controls and the bidirectional characters as
// they are. Outside of strings JSON is printable ASCII and white space, so
// that escaping the encoded text is escaping the strings in it.
func escape(encoded []byte) []byte {
	var out []byte
	for i := 0; i < len(encoded); {
		r, n := utf8.DecodeRune(encoded[i:])
		switch {
		case r == '\n' || unicode.IsPrint(r):
			out = append(out, encoded[i:i+n]...)
		case r < 0x10000:
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			// A character above U+FFFF is a surrogate pair (RFC 8259 7).
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		}
		i += n
	}
	return out
}
