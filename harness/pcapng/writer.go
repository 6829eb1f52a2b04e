package pcapng

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"time"
	"unicode/utf8"
)

// A Writer writes a pcapng file: one section with one Ethernet interface, whose
// clock counts nanoseconds. The first error stays: every later call returns it.
// A Writer is not safe for concurrent use.
//
// gopacket's NgWriter writes neither secrets nor comments nor custom blocks, so
// the blocks are our own.
type Writer struct {
	w     *bufio.Writer
	block []byte // the body of the block being written
	err   error
}

// An About says what a file is.
type About struct {
	// Application is the program that writes it, Comment a sentence about the
	// whole file, Interface what its one interface stands for.
	Application, Comment, Interface string
}

// The options that are written.
const (
	optionHardware    = 2 // of a section
	optionOS          = 3
	optionApplication = 4

	optionName        = 2 // of an interface
	optionDescription = 3
)

// NewWriter begins a file. It is complete when [Writer.Flush] has returned
// without an error.
func NewWriter(w io.Writer, about About) *Writer {
	out := &Writer{w: bufio.NewWriterSize(w, 64<<10)}
	out.u32(sectionMagic)
	out.u16(1, 0)
	out.u32(0xffffffff, 0xffffffff) // the section's length is not known beforehand
	out.comment(about.Comment)
	out.option(optionHardware, runtime.GOARCH)
	out.option(optionOS, runtime.GOOS)
	out.option(optionApplication, about.Application)
	out.option(optionEnd, "")
	out.end(blockSection)

	out.u16(uint16(LinkEthernet), 0)
	out.u32(0) // no packet is ever cut
	out.option(optionName, about.Application)
	out.option(optionDescription, about.Interface)
	out.option(optionResolution, "\x09") // 10^-9 s
	out.option(optionEnd, "")
	out.end(blockInterface)
	return out
}

// Secrets writes a key log. Packets that are to be decrypted with it must come
// after it: other tools read a file once, from its beginning.
func (w *Writer) Secrets(keyLog []byte, comment string) error {
	w.u32(tlsKeyLog, uint32(len(keyLog)))
	w.block = append(w.block, keyLog...)
	w.pad()
	w.comment(comment)
	if comment != "" {
		w.option(optionEnd, "")
	}
	return w.end(blockSecrets)
}

// Note writes what other tools skip, with the time that it is of.
func (w *Writer) Note(at time.Time, data []byte) error {
	w.u32(0)
	w.time(at)
	prefix := string(binary.LittleEndian.AppendUint32(nil, enterpriseNumber)) + noteMagic
	for {
		part := data[:min(len(data), maxOption-len(prefix))]
		w.option(optionCustom, prefix+string(part))
		if data = data[len(part):]; len(data) == 0 {
			break
		}
	}
	w.option(optionEnd, "")
	return w.end(blockStatistics)
}

// time adds a timestamp, 0 for the zero time.
func (w *Writer) time(at time.Time) {
	var units uint64
	if !at.IsZero() {
		units = uint64(at.UnixNano())
	}
	w.u32(uint32(units>>32), uint32(units))
}

// Packet writes a frame, with comments that other tools show beside it.
func (w *Writer) Packet(at time.Time, frame []byte, comments ...string) error {
	w.u32(0)
	w.time(at)
	w.u32(uint32(len(frame)), uint32(len(frame)))
	w.block = append(w.block, frame...)
	w.pad()
	for _, c := range comments {
		w.comment(c)
	}
	if len(comments) > 0 {
		w.option(optionEnd, "")
	}
	return w.end(blockEnhanced)
}

// A BlockError says that something is longer than any reader takes.
type BlockError struct{ Bytes int }

func (e *BlockError) Error() string {
	return fmt.Sprintf("%d bytes do not fit into a block of a capture file, which has at most %d", e.Bytes, maxBlock)
}

// Flush writes what is still in memory.
func (w *Writer) Flush() error {
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}

func (w *Writer) u16(values ...uint16) {
	for _, v := range values {
		w.block = binary.LittleEndian.AppendUint16(w.block, v)
	}
}

func (w *Writer) u32(values ...uint32) {
	for _, v := range values {
		w.block = binary.LittleEndian.AppendUint32(w.block, v)
	}
}

// pad fills the block up to 32 bits.
func (w *Writer) pad() {
	for len(w.block)%4 != 0 {
		w.block = append(w.block, 0)
	}
}

// comment adds a comment, if it says anything.
func (w *Writer) comment(text string) {
	if text != "" {
		w.option(optionComment, text)
	}
}

// maxOption is the longest value that an option has: its length has 16 bits.
const maxOption = 0xffff

// option adds an option. Text that is too long is cut, between characters.
func (w *Writer) option(code uint16, value string) {
	if len(value) > maxOption {
		cut := maxOption
		for !utf8.RuneStart(value[cut]) {
			cut--
		}
		value = value[:cut]
	}
	w.u16(code, uint16(len(value)))
	w.block = append(w.block, value...)
	w.pad()
}

// end writes the block and begins the next one.
func (w *Writer) end(kind uint32) error {
	w.pad()
	body := w.block
	length := uint32(len(body) + 12)
	w.block = w.block[:0]
	if w.err == nil && length > maxBlock {
		w.err = &BlockError{len(body)}
	}
	if w.err != nil {
		return w.err
	}
	var head [8]byte
	binary.LittleEndian.PutUint32(head[:], kind)
	binary.LittleEndian.PutUint32(head[4:], length)
	for _, part := range [][]byte{head[:], body, head[4:]} {
		if _, err := w.w.Write(part); err != nil {
			w.err = err
		}
	}
	return w.err
}
