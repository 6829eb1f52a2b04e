// Package crossref tells what only a whole handshake tells: which offer a
// choice answers, which name is whose, and whether each signature and MAC holds.
//
// For most uses, make a [Book] of a connection with [New] and ask it for a
// step's completed fields ([Book.Tree]), for the sentences about the step
// ([Book.Says]), and for what was proven of it ([Book.Checks]). The answers are
// worked out when they are first asked for, once for each step; a Book that
// nobody asks costs nothing. It is safe for concurrent use unless it is made in a
// [Room].
//
// What a message means by itself is the business of tlswire, quicwire and
// x509wire, and why a handshake failed is that of diagnose. A Book states facts,
// with the steps that show them; what is not on the wire yet it does not speak of.
//
// Not checked are signatures with Ed448, ML-DSA, and the national schemes, which
// the standard library does not have, and the binders of pre-shared keys that
// nobody told: no key log has them.
package crossref

import (
	"crypto/x509"
	"slices"
	"sync"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/recall"
	"shakedown/harness/transcript"
)

// An Input is one connection. Only the timeline is needed; what else is known
// makes for more answers.
type Input struct {
	Timeline *dissect.Timeline
	// Transcript is the recording that the timeline was made of. From it come
	// both key logs, both sides' settings and outcomes, and what was delivered
	// in place of what was sent. Nobody may change it any more.
	Transcript *transcript.Transcript
	// Before are the connections before this one, the oldest first, whose
	// tickets and certificates this one can come back to.
	Before []*Book
	// PreSharedKeys are keys that binders are checked with.
	PreSharedKeys [][]byte
	// Memory is shared between connections, so that what they have in common is
	// worked out once; nil for one of its own.
	Memory *Memory
	// Signatures checks signatures inside certificate chains and remembers the
	// results; nil checks each one anew.
	Signatures Checker
	// Room is what the Book is made in, nil for a Book that stays.
	Room *Room
}

// A Checker checks one certificate's signature with another's key.
// [shakedown/harness/diagnose.Signatures] is one.
type Checker interface {
	Check(child, issuer *x509.Certificate) error
}

// A Book holds what the whole of one connection tells of each of its steps.
// A nil Book knows nothing more than the steps themselves.
type Book struct {
	in Input

	reading sync.Once
	story   *story
	pages   []page

	// fromClient and fromServer are the steps that each side's QUIC packets brought.
	counting               sync.Once
	fromClient, fromServer arrivals

	// flipped are the bits that signatures lack to hold.
	flipped recall.Answers[*page, string]

	viewing sync.Once
	// views are the connection as each side has seen it, nil where that is how
	// it was sent.
	views map[outcome.Role]*story
}

// A page is what is told of one step.
type page struct {
	once sync.Once
	written
	says []string
	// shared is what is told of the step and of others, in other connections, nil for
	// nothing.
	shared *written
}

// New returns the Book of a connection. It reads nothing yet. Of a Book that was made in
// the same room nobody may ask anything any more.
func New(in Input) *Book {
	if in.Timeline == nil {
		in.Timeline = &dissect.Timeline{}
	}
	if in.Transcript == nil {
		in.Transcript = &transcript.Transcript{Transport: in.Timeline.Transport}
	}
	if in.Memory == nil {
		in.Memory = new(Memory)
	}
	in.Room.reset()
	return &Book{in: in}
}

// Tree returns the step's field tree, with what the whole connection tells
// added to the meanings, and with what reached the other side where that is not
// what was sent. The caller must not change it.
func (b *Book) Tree(step *dissect.Step) field.Tree {
	tree, _ := b.TreeAfter(step, nil)
	return tree
}

// TreeAfter is Tree without what was told of earlier steps already; see
// [dissect.Step.TreeAfter]. Where that makes the tree in a room, so are the texts that
// are added here.
func (b *Book) TreeAfter(step *dissect.Step, told *dissect.Told) (tree field.Tree, in []int) {
	tree, in = step.TreeAfter(told)
	var room *field.Room
	if told != nil {
		room = told.Room
	}
	if p := b.page(step, room); p != nil {
		known := &b.in.Memory.editions
		b.acknowledged(step, tree, room)
		tree.Fields = known.annotate(tree.Fields, p.shared)
		tree.Fields = annotate(tree.Fields, p.notes, known, room)
		tree = b.withArrival(tree, step)
	}
	return tree, in
}

// Says returns sentences about the step as a whole.
func (b *Book) Says(step *dissect.Step) []string {
	if p := b.page(step, nil); p != nil {
		return slices.Clone(p.says)
	}
	return nil
}

// Checks returns what was proven of the step: of a signature, a MAC, or each
// signature in a chain. Most steps have nothing to prove.
func (b *Book) Checks(step *dissect.Step) []Proof { return slices.Clone(b.checks(step, nil)) }

// checks are what was proven of the step, which nobody may change. Texts that have to be
// written for it are made in the room.
func (b *Book) checks(step *dissect.Step, room *field.Room) []Proof {
	switch p := b.page(step, room); {
	case p == nil:
		return nil
	case p.shared != nil:
		return p.shared.proofs // a chain, of which the page itself proves nothing
	default:
		return p.proofs
	}
}

// page returns the step's page, written on its first use, and nil for a step
// that is not of this Book's timeline. Its texts are made in the room, or on their own
// if that is nil.
func (b *Book) page(step *dissect.Step, room *field.Room) *page {
	if b == nil || step == nil {
		return nil
	}
	b.read()
	i := step.N - 1
	if steps := b.in.Timeline.Steps; i < 0 || i >= len(steps) || steps[i] != step {
		if i = slices.Index(steps, step); i < 0 {
			return nil
		}
	}
	p := &b.pages[i]
	p.once.Do(func() { b.fill(p, i, room) })
	return p
}

// read goes through the timeline once.
func (b *Book) read() {
	b.reading.Do(func() {
		b.story = tell(b.in.Timeline, b.in.Room)
		b.pages = b.in.Room.newPages(len(b.in.Timeline.Steps))
	})
}

// side returns what is known of one side.
func (b *Book) side(r outcome.Role) *transcript.Side { return b.in.Transcript.Side(r) }
