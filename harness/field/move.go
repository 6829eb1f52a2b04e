package field

// Number returns how many fields a list has, all their parts included.
func Number(list []Field) int {
	n := len(list)
	for i := range list {
		n += Number(list[i].Fields)
	}
	return n
}

// Moved returns a copy of list and of everything in it, moved by that many bytes
// and into that buffer. It shares no field with list.
func Moved(list []Field, by int, buffer string) []Field {
	m := mover{block: make([]Field, Number(list)), by: by, buffer: buffer}
	return m.move(list)
}

// A mover copies fields into one block.
type mover struct {
	block  []Field
	by     int
	buffer string
}

func (m *mover) move(list []Field) []Field {
	if len(list) == 0 {
		return nil
	}
	moved := m.block[:len(list):len(list)]
	m.block = m.block[len(list):]
	copy(moved, list)
	for i := range moved {
		f := &moved[i]
		f.Buffer, f.Start, f.End = m.buffer, f.Start+m.by, f.End+m.by
		f.Fields = m.move(f.Fields)
	}
	return moved
}
