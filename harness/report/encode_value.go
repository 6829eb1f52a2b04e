package report

import (
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"shakedown/harness"
	"shakedown/harness/field"
)

// A resultEncoder writes results. It goes by the types, as encoding/json does, so
// that a member that is added to the contract is written without a word here; steps
// and their field trees, which are nearly all of the text, it writes by hand, and
// the tests miss what is left out there. Every list is
// written as one, also where it is nil: readers need not tell null from empty.
type resultEncoder struct {
	encoder
	// steps is the list of steps that was written last, and from and to are where
	// that is: a result repeats one of its connections, fields and all.
	steps    []harness.StepResult
	from, to int
	// repeated is where in b the list stands again, without a copy of its text,
	// -1 for nowhere.
	repeated int
	// complete adds to a step what comes with its fields, nil where it is there; step
	// is the one that is being written.
	complete func(int, *harness.StepResult)
	step     harness.StepResult
}

// encode makes the text of one value of the contract and a newline, in e's own
// memory. Complete is as in [Encoder].
func (e *resultEncoder) encode(v any, complete func(int, *harness.StepResult)) {
	e.b, e.depth, e.first, e.repeated, e.complete = e.b[:0], 0, true, -1, complete
	e.value(reflect.ValueOf(v))
	e.b = append(e.b, '\n')
	e.steps, e.complete = nil, nil // what was written is held no longer
}

// writeTo writes what was encoded.
func (e *resultEncoder) writeTo(w io.Writer) error {
	parts := [][]byte{e.b}
	if e.repeated >= 0 {
		parts = [][]byte{e.b[:e.repeated], e.b[e.from:e.to], e.b[e.repeated:]}
	}
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// value writes a value of any type that the contract has.
func (e *resultEncoder) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		e.b = appendString(e.b, v.String())
	case reflect.Bool:
		e.b = strconv.AppendBool(e.b, v.Bool())
	case reflect.Int, reflect.Int64:
		e.b = strconv.AppendInt(e.b, v.Int(), 10)
	case reflect.Uint8, reflect.Uint64:
		e.b = strconv.AppendUint(e.b, v.Uint(), 10)
	case reflect.Pointer:
		if v.IsNil() {
			e.b = append(e.b, "null"...)
			return
		}
		e.value(v.Elem())
	case reflect.Slice:
		e.slice(v)
	case reflect.Struct:
		e.begin('{')
		for _, m := range membersOf(v.Type()) {
			f := v.Field(m.index[0])
			if len(m.index) > 1 {
				f = v.FieldByIndex(m.index)
			}
			if m.omitEmpty && (f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0) {
				continue
			}
			e.key(m.name)
			e.value(f)
		}
		e.end('}')
	default:
		panic("the JSON contract has no " + v.Kind().String())
	}
}

// stepList is the list that is written by hand, and once.
var stepList = reflect.TypeFor[[]harness.StepResult]()

func (e *resultEncoder) slice(v reflect.Value) {
	if v.Type() == stepList {
		e.stepList(v.Interface().([]harness.StepResult))
		return
	}
	e.list(v)
}

func (e *resultEncoder) list(v reflect.Value) {
	e.begin('[')
	for i := range v.Len() {
		e.next()
		e.value(v.Index(i))
	}
	e.end(']')
}

// stepList writes steps, or repeats what was written of the same list. On lines
// the two differ by their indentation.
func (e *resultEncoder) stepList(steps []harness.StepResult) {
	if e.indent == "" && e.repeated < 0 && len(steps) > 0 && len(steps) == len(e.steps) && &steps[0] == &e.steps[0] {
		e.repeated = len(e.b)
		return
	}
	from := len(e.b)
	e.begin('[')
	for i := range steps {
		e.next()
		e.step = steps[i]
		if e.complete != nil {
			e.complete(i, &e.step)
		}
		e.oneStep(&e.step)
	}
	e.step = harness.StepResult{} // nothing of it is held any longer
	e.end(']')
	if e.repeated < 0 {
		e.steps, e.from, e.to = steps, from, len(e.b)
	}
}

// oneStep writes a step as value would, which goes by the types and takes longer:
// a connection has dozens.
func (e *resultEncoder) oneStep(s *harness.StepResult) {
	e.begin('{')
	e.number("n", s.N)
	e.key("time_us")
	e.b = strconv.AppendInt(e.b, s.TimeUS, 10)
	e.text("from", s.From)
	e.text("level", string(s.Level))
	e.number("flight", s.Flight)
	e.text("kind", string(s.Kind))
	e.text("name", s.Name)
	e.number("bytes", s.Bytes)
	e.text("summary", s.Summary)
	e.texts("marks", s.Marks)
	if len(s.Fields) > 0 {
		e.key("fields")
		e.fields(s.Fields)
	}
	e.rest(s)
	e.end('}')
}

// rest writes what comes with the fields of few steps.
func (e *resultEncoder) rest(s *harness.StepResult) {
	if len(s.FieldsIn) > 0 {
		e.key("fields_in")
		e.begin('[')
		for _, n := range s.FieldsIn {
			e.next()
			e.b = strconv.AppendInt(e.b, int64(n), 10)
		}
		e.end(']')
	}
	if len(s.Says) > 0 {
		e.texts("says", s.Says)
	}
	if len(s.Checks) > 0 {
		e.checks(s.Checks)
	}
}

func (e *resultEncoder) checks(checks []harness.CheckResult) {
	e.key("checks")
	e.begin('[')
	for i := range checks {
		c := &checks[i]
		e.next()
		e.begin('{')
		e.text("of", c.Of)
		e.text("result", c.Result)
		e.text("text", c.Text)
		if c.Key != 0 {
			e.number("key", c.Key)
		}
		e.end('}')
	}
	e.end(']')
}

// fields writes field trees.
func (e *encoder) fields(fields []field.Field) {
	if e.indent == "" {
		e.b = e.appendFields(e.b, fields)
		return
	}
	e.begin('[')
	for i := range fields {
		f := &fields[i]
		e.next()
		e.begin('{')
		e.text("label", f.Label)
		e.text("buffer", f.Buffer)
		e.number("start", f.Start)
		e.number("end", f.End)
		e.text("value", f.Value)
		e.text("meaning", f.Meaning)
		e.text("section", f.Section)
		if f.Bits != "" {
			e.text("bits", f.Bits)
		}
		if len(f.Fields) > 0 {
			e.key("fields")
			e.fields(f.Fields)
		}
		e.end('}')
	}
	e.end(']')
}

// appendFields writes field trees on one line, after b: what fields writes, without its
// questions about lines.
func (e *encoder) appendFields(b []byte, fields []field.Field) []byte {
	b = append(b, '[')
	for i := range fields {
		f := &fields[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"label":"`...), f.Label)
		b = appendText(append(b, `","buffer":"`...), f.Buffer)
		b = appendOffset(append(b, `","start":`...), f.Start)
		b = appendOffset(append(b, `,"end":`...), f.End)
		b = appendText(append(b, `,"value":"`...), f.Value)
		b = appendText(append(b, `","meaning":"`...), f.Meaning)
		b = appendText(append(b, `","section":"`...), f.Section)
		if f.Bits != "" {
			b = appendText(append(b, `","bits":"`...), f.Bits)
		}
		b = append(b, '"')
		if len(f.Fields) > 0 {
			b = e.appendParts(append(b, `,"fields":`...), f)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// appendParts writes the parts of a field, after b. The text of a shared list is
// remembered, unless there is another in it: one certificate comes in messages that
// differ.
func (e *encoder) appendParts(b []byte, f *field.Field) []byte {
	if !f.Shared || e.shared == nil {
		return e.appendFields(b, f.Fields)
	}
	e.sharedLists++
	if text := e.shared.find(f.Fields); text != nil {
		return append(b, text...)
	}
	before, start := e.sharedLists, len(b)
	b = e.appendFields(b, f.Fields)
	if e.sharedLists == before {
		e.shared.remember(f.Fields, b[start:])
	}
	return b
}

// A jsonMember is a member of an object and the field of the struct that it is.
type jsonMember struct {
	name      string
	index     []int
	omitEmpty bool
}

// memberLists are the members of each struct, by its type.
var memberLists sync.Map

// membersOf returns a struct's members in their order, those of embedded structs
// among them.
func membersOf(t reflect.Type) []jsonMember {
	if known, ok := memberLists.Load(t); ok {
		return known.([]jsonMember)
	}
	var list []jsonMember
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue // it is not written
		}
		list = append(list, jsonMember{name: name, index: f.Index, omitEmpty: strings.Contains(options, "omitempty")})
	}
	memberLists.Store(t, list)
	return list
}
