package field

import "strconv"

// A Builder puts fields together in few allocations. A parser marks where the
// parts of a field begin, adds them, and takes them as one list; parts have parts
// in the same manner. The zero Builder is ready. It is not safe for concurrent
// use.
type Builder struct {
	// parts are the fields that were added and not taken yet, those of all
	// levels one behind the other.
	parts []Field
	// slab is what is left of the block that lists are cut from.
	slab []Field
	// size is how many fields the last block had.
	size int
	// room is where lists are cut from instead, nil for nowhere.
	room *Room
}

// The blocks of a Builder: the first is for a small tree, and each is twice as
// large as the one before it. They fill the allocator's sizes of 2 to 16 KiB; from
// 32 KiB on each block would be cleared and swept on its own, and a field that is
// still needed would hold more that is not.
const (
	firstBlock = 15
	lastBlock  = 120
)

// In makes b cut its lists from room from now on, until it is given another, or
// nil.
func (b *Builder) In(room *Room) { b.room = room }

// Text returns text as a string, in the room if there is one.
func (b *Builder) Text(text []byte) string { return b.room.Text(text) }

// Hex is [Hex] with its text in the room.
func (b *Builder) Hex(bytes []byte) string {
	var room [hexRoom]byte
	return b.Text(AppendHex(room[:0], bytes))
}

// Decimal is [Decimal] with its text in the room.
func (b *Builder) Decimal(n uint64) string {
	if n < knownCounts {
		return Decimal(n)
	}
	var room [20]byte
	return b.Text(strconv.AppendUint(room[:0], n, 10))
}

// Mark returns where the fields that are added next will stand.
func (b *Builder) Mark() int { return len(b.parts) }

// Add adds a field.
func (b *Builder) Add(f Field) { b.parts = append(b.parts, f) }

// New adds an empty field and returns it, to be filled before the next call.
func (b *Builder) New() *Field {
	b.parts = append(b.parts, Field{})
	return &b.parts[len(b.parts)-1]
}

// Last returns the field that was added last, nil if none was since mark.
func (b *Builder) Last(mark int) *Field {
	if len(b.parts) == mark {
		return nil
	}
	return &b.parts[len(b.parts)-1]
}

// Since returns the fields that were added since mark. They are valid until the
// next call.
func (b *Builder) Since(mark int) []Field { return b.parts[mark:] }

// Drop forgets the fields that were added since mark. They stay in memory until
// others take their place, which spares clearing them, unless they are many.
func (b *Builder) Drop(mark int) {
	b.parts = b.parts[:mark]
	if mark == 0 && cap(b.parts) > mostKept {
		b.parts = nil
	}
}

// Take removes the fields that were added since mark and returns them as a list
// that nobody else holds, nil if there are none. It is valid for ever, or as long
// as the room that b was given says.
func (b *Builder) Take(mark int) []Field {
	n := len(b.parts) - mark
	if n == 0 {
		return nil
	}
	list := b.list(n)
	copy(list, b.parts[mark:])
	b.Drop(mark)
	return list
}

// list returns a list of n fields, which the caller fills.
func (b *Builder) list(n int) []Field {
	if b.room != nil {
		return b.room.list(n)
	}
	if n > len(b.slab) {
		b.size = max(firstBlock, min(2*b.size, lastBlock))
		b.slab = make([]Field, max(n, b.size))
	}
	list := b.slab[:n:n]
	b.slab = b.slab[n:]
	return list
}
