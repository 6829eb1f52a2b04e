package capture

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"shakedown/harness/keylog"
	"shakedown/harness/pcapng"
	"shakedown/harness/transcript"
)

// Options say how a file is read. The zero value is ready.
type Options struct {
	// Keys are where secrets come from and where those of the file are put. They
	// may be nil.
	Keys *Keys
	// All hands on also what is no TLS.
	All bool
	// Progress is called now and then with how many bytes of the file were read.
	Progress func(bytes int64)
}

// A Summary is what there is to say of a whole file.
type Summary struct {
	Packets     int
	Connections int
	// First and Last are when the first and the last packet came.
	First, Last time.Time
	// Others counts what was not handed on, in words: "2 TCP connections without
	// TLS: SSH banner".
	Others []string
	// Notes are sentences about the file: where it ends too early, what of it
	// could not be used.
	Notes []string
	// Secrets is how many secrets the file holds itself.
	Secrets int
	// Damaged are lines of its key logs that could not be read.
	Damaged []error
}

// Read reads a capture file once, from its beginning to its end, and calls each
// with every connection in it, in the order of their numbers as long as what has
// ended can wait for what has not. The context ends it.
//
// What is kept is bounded whatever the file holds: see the limits of this
// package. An error of each ends reading and is returned; so is that of a file
// that is no capture ([pcapng.FormatError]). A file that is cut off or damaged
// is read up to there, and the summary says so.
func Read(ctx context.Context, from io.Reader, o Options, each func(*Recording) error) (*Summary, error) {
	file, err := pcapng.NewReader(from)
	if err != nil {
		return nil, err
	}
	r := newReader(o, each)
	for r.err == nil {
		block, err := file.Next()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				if !errors.Is(err, pcapng.ErrTruncated) && !errors.Is(err, pcapng.ErrDamaged) {
					return nil, err
				}
				r.summary.Notes = append(r.summary.Notes, err.Error())
			}
			break
		}
		r.block(block)
		if r.blocks++; r.blocks%progressEvery == 0 {
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
			if o.Progress != nil {
				o.Progress(file.Offset())
			}
		}
	}
	r.finish()
	if r.err != nil {
		return nil, r.err
	}
	return &r.summary, nil
}

// progressEvery is how many packets are read between two reports.
const progressEvery = 4096

// The limits of what is kept of a file at a time. What is over is ended, the
// connections first whose last packet is the longest ago.
const (
	// maxCharge is how much memory the connections that are open may take, and
	// those that have ended and wait for an older one.
	maxCharge  = 64 << 20
	maxWaiting = 16 << 20
	// maxOpen is how many connections are open at a time, maxPast how many that
	// have ended are remembered.
	maxOpen = 1 << 15
	maxPast = 1 << 15
	// linger is how long, in the file's time, a connection that has ended is kept
	// for what still comes of it, on QUIC from its last packet; grave how long its
	// addresses are remembered after that.
	linger     = time.Second
	maxLingers = 256
	grave      = time.Minute
	// idle is how long a connection may be silent that has not ended, as far as
	// that can be seen. A handshake that a person holds at a gate can be so for
	// long.
	idle = time.Hour
)

// A reader is the state of reading one file.
type reader struct {
	keys *Keys
	// logs are the client's and the server's secrets, which every transcript shows.
	logs    [2]keylog.Log
	all     bool
	each    func(*Recording) error
	summary Summary
	err     error
	blocks  int

	// packet is the number of the packet at hand, now its time, or the latest
	// time if its own is behind.
	packet int
	now    time.Time

	flows      map[flowKey]*flow
	lingers    []*flow // that have ended, the first of them first
	open, past ring
	charge     int
	numbers    int
	sessions   sessions
	quic       grouping
	notes      notes
	others     map[string]*others
	skipped    map[string]int

	// keyless says that a connection has ended of which there were no secrets,
	// lateSecrets that a key log came behind it.
	keyless, lateSecrets bool

	waiting       waiting
	waitingCharge int
	nextUp        int

	deliveries []transcript.Delivery
}

func newReader(o Options, each func(*Recording) error) *reader {
	r := &reader{keys: o.Keys, all: o.All, each: each, flows: map[flowKey]*flow{}, others: map[string]*others{}, skipped: map[string]int{}, nextUp: 1}
	if r.keys == nil {
		r.keys = new(Keys)
	}
	r.logs[0], r.logs[1] = r.keys.Logs()
	r.open.init()
	r.past.init()
	r.quic.init(r)
	return r
}

// block takes one block of the file.
func (r *reader) block(b pcapng.Block) {
	switch b := b.(type) {
	case *pcapng.Packet:
		r.summary.Packets++
		r.packet = b.Number
		if r.summary.First.IsZero() {
			r.summary.First = b.At
		}
		if b.At.After(r.now) {
			r.now = b.At
			r.summary.Last = b.At
		}
		s, err := b.Segment()
		if err != nil {
			r.skip(err, b.Link)
			return
		}
		r.segment(&s, arrival{at: b.At, packet: b.Number})
	case pcapng.Secrets:
		store := r.keys.of(b.Comment)
		before := store.Len()
		if r.keyless && !ours(b.Comment) && !r.lateSecrets {
			r.lateSecrets = true
			r.summary.Notes = append(r.summary.Notes, fmt.Sprintf(
				"the key log behind packet %d comes too late for connections that had ended before: put it first, with editcap --inject-secrets tls,FILE", r.packet))
		}
		damaged, _ := store.Read(bytes.NewReader(b.KeyLog)) // memory does not fail
		for _, d := range damaged {
			if len(r.summary.Damaged) < maxNamed {
				r.summary.Damaged = append(r.summary.Damaged, fmt.Errorf("in the capture's own key log, behind packet %d: %w", r.packet, d))
			}
		}
		r.summary.Secrets += store.Len() - before
	case pcapng.Note:
		var n Note
		if err := json.Unmarshal(b.Data, &n); err != nil {
			r.summary.Notes = append(r.summary.Notes, fmt.Sprintf("a note of shakedown's own behind packet %d cannot be read and was left out: %v", r.packet, err))
			return
		}
		r.noted(&n, len(b.Data))
	}
}

// skip counts a packet that cannot be used. Where that is for its link type,
// which one it is tells what the file is.
func (r *reader) skip(err error, link pcapng.LinkType) {
	why := err.Error()
	if errors.Is(err, pcapng.ErrLinkType) && len(r.skipped) < maxNamed {
		why = fmt.Sprintf("%s (%s)", why, link)
	}
	r.skipped[why]++
}

// segment takes one segment or datagram.
func (r *reader) segment(s *pcapng.Segment, w arrival) {
	if s.Protocol == pcapng.TCP {
		r.tcp(s, w)
	} else {
		r.quic.datagram(s, w)
	}
	r.expire()
}

// tcp finds the connection that a segment belongs to. "The pair of sockets
// identifies the connection" (RFC 9293 3.3.1), until a SYN begins another one.
func (r *reader) tcp(s *pcapng.Segment, w arrival) {
	key := keyOf(s.From, s.To)
	f := r.flows[key]
	if f != nil && s.SYN && f.replacedBy(s) {
		f.end("")
		f.drop()
		f = nil
	}
	if f == nil {
		f = newFlow(r, s, w)
		r.flows[key] = f
	}
	f.segment(s, w)
}

// replacedBy says that a SYN begins a new connection between the same addresses.
func (f *flow) replacedBy(s *pcapng.Segment) bool {
	if f.over {
		return !s.ACK || !f.closed.IsZero()
	}
	end := 0
	if s.From != f.ends[0] {
		end = 1
	}
	h := &f.halves[end]
	switch {
	case !h.known:
		return false // the first of this end
	case s.Seq+1 == h.base:
		// The same again. A copy comes with the packets of its time; behind the
		// end it is a file that was added to another one.
		return !s.ACK && !f.closed.IsZero()
	}
	return !s.ACK || !f.closed.IsZero()
}

// expire ends what has ended, what is silent, and what is too much.
func (r *reader) expire() {
	for len(r.lingers) > 0 && (r.now.Sub(r.lingers[0].closed) > linger || len(r.lingers) > maxLingers) {
		f := r.lingers[0]
		r.lingers = r.lingers[1:]
		f.end("")
	}
	r.quic.silent()
	for r.endOldest() {
	}
	for t := r.past.oldest(); t != nil && (r.now.Sub(t.last) > grave || r.past.n > maxPast); t = r.past.oldest() {
		t.owner.drop()
	}
}

// endOldest ends the connection that is silent for longest, if that is too long,
// or if there is too much beside it. It says whether it did.
func (r *reader) endOldest() bool {
	t := r.open.oldest()
	switch {
	case t == nil:
		return false
	case r.now.Sub(t.last) > idle:
		t.owner.end("")
	case r.open.n > maxOpen:
		t.owner.end(fmt.Sprintf("more than %d connections are open at this time: this one, silent for longest, was read up to here", maxOpen))
	case r.charge > maxCharge && r.open.n > 1:
		t.owner.end(fmt.Sprintf("the connections that are open at this time take more than %d MB: this one, silent for longest, was read up to here", maxCharge>>20))
	default:
		return false
	}
	return true
}

// finish ends what is still open and hands on what waits.
func (r *reader) finish() {
	var open []*tape
	for t := r.open.root.next; t != &r.open.root; t = t.next {
		open = append(open, t)
	}
	slices.SortStableFunc(open, func(a, b *tape) int { return a.begun.Compare(b.begun) })
	for _, t := range open {
		t.owner.end("")
	}
	r.notes.rest(r)
	for r.err == nil && len(r.waiting) > 0 {
		r.handOn(heap.Pop(&r.waiting).(*Recording))
	}
	r.sum()
}

// number gives out the next number of a connection.
func (r *reader) number() int {
	r.numbers++
	return r.numbers
}

// delivery returns one delivery, out of a slab.
func (r *reader) delivery(seq uint64, at time.Duration) []transcript.Delivery {
	if len(r.deliveries) == 0 {
		r.deliveries = make([]transcript.Delivery, 16)
	}
	d := r.deliveries[:1:1]
	r.deliveries = r.deliveries[1:]
	d[0] = transcript.Delivery{Seq: seq, At: at}
	return d
}

// ended takes the recording of a connection that has ended.
func (r *reader) ended(rec *Recording) {
	r.notes.apply(rec)
	r.wait(rec)
}

// wait hands a recording on when all before it were, or when too much waits.
func (r *reader) wait(rec *Recording) {
	heap.Push(&r.waiting, rec)
	r.waitingCharge += rec.charge
	for len(r.waiting) > 0 && (r.waiting[0].Number == r.nextUp || r.waitingCharge > maxWaiting) {
		r.handOn(heap.Pop(&r.waiting).(*Recording))
	}
}

func (r *reader) handOn(rec *Recording) {
	r.waitingCharge -= rec.charge
	r.nextUp = max(r.nextUp, rec.Number+1)
	r.summary.Connections++
	if r.err == nil {
		r.err = r.each(rec)
	}
}

// waiting are recordings that wait for one with a lower number.
type waiting []*Recording

func (w waiting) Len() int           { return len(w) }
func (w waiting) Less(i, j int) bool { return w[i].Number < w[j].Number }
func (w waiting) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *waiting) Push(x any)        { *w = append(*w, x.(*Recording)) }
func (w *waiting) Pop() any {
	last := len(*w) - 1
	rec := (*w)[last]
	(*w)[last] = nil
	*w = (*w)[:last]
	return rec
}

// others counts what is not handed on.
type others struct {
	many string
	n    int
}

// maxOthers is how many kinds of other things are told apart.
const maxOthers = 64

// count counts one of what is not handed on.
func (r *reader) count(one, many string) {
	o := r.others[one]
	if o == nil {
		if len(r.others) >= maxOthers {
			one, many = "other thing", "other things"
			if o = r.others[one]; o != nil {
				o.n++
				return
			}
		}
		o = &others{many: many}
		r.others[one] = o
	}
	o.n++
}

// sum writes the summary's sentences, the most frequent first.
func (r *reader) sum() {
	type line struct {
		n    int
		text string
	}
	var lines []line
	for one, o := range r.others {
		text := fmt.Sprintf("%d %s", o.n, o.many)
		if o.n == 1 {
			text = "1 " + one
		}
		lines = append(lines, line{o.n, text})
	}
	for why, n := range r.skipped {
		lines = append(lines, line{n, fmt.Sprintf("%s that cannot be used: %s", plural(n, "packet"), why)})
	}
	slices.SortFunc(lines, func(a, b line) int {
		if a.n != b.n {
			return b.n - a.n
		}
		return strings.Compare(a.text, b.text)
	})
	for _, l := range lines {
		r.summary.Others = append(r.summary.Others, l.text)
	}
}
