package crossref

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
)

// A space is what a side's packets of a level are numbered in.
type space struct {
	from  outcome.Role
	level dissect.Level
}

// An arrival is a step that came in the packet of that number.
type arrival struct {
	number uint64
	step   *dissect.Step
}

// levels are the levels of the packets whose fields have that label. Packets of
// 0-RTT and 1-RTT share their numbers (RFC 9000 12.3).
var levels = map[string][]dissect.Level{
	"Initial packet":   {dissect.Initial},
	"Handshake packet": {dissect.Handshake},
	"1-RTT packet":     {dissect.Application, dissect.Early},
}

// acknowledged says of each ACK frame in a step's tree which steps came in the
// packets that it acknowledges, which are of the packet number space that the
// frame itself is sent in (RFC 9000 12.3). The tree is the caller's own, and is
// changed where it stands.
func (b *Book) acknowledged(step *dissect.Step, tree field.Tree) {
	if b.in.Timeline.Transport != outcome.QUIC {
		return
	}
	said := 0
	for i := range tree.Fields {
		packet := &tree.Fields[i]
		for j := range packet.Fields {
			if packet.Fields[j].Label != ackLabel || said == maxNotes {
				continue
			}
			frame, ok := frameOf(tree, &packet.Fields[j])
			if !ok {
				continue
			}
			if text := b.acknowledges(step, levels[packet.Label], &frame); text != "" {
				packet.Fields = ours(packet.Fields, packet.Shared)
				packet.Fields[j].Meaning = sentences(text, packet.Fields[j].Meaning)
				said++
			}
		}
	}
}

const ackLabel = "ACK"

// frameOf reads the frame that a field describes.
func frameOf(tree field.Tree, f *field.Field) (quicwire.Frame, bool) {
	in, ok := tree.Buffer(f.Buffer)
	if !ok || f.Start < 0 || f.End > len(in.Bytes) || f.Start > f.End {
		return quicwire.Frame{}, false
	}
	frame, err := quicwire.ParseFrame(in.Bytes[f.Start:f.End])
	return frame, err == nil
}

// acknowledges names the steps of the other side that came in acknowledged packets.
func (b *Book) acknowledges(step *dissect.Step, spaces []dissect.Level, frame *quicwire.Frame) string {
	ranges, err := frame.AckRanges()
	if err != nil {
		return ""
	}
	b.counting.Do(b.count)
	var steps []int
	for _, level := range spaces {
		list := b.packets[space{step.From.Peer(), level}]
		for _, r := range ranges {
			first, _ := slices.BinarySearchFunc(list, r.Smallest, func(a arrival, number uint64) int { return cmp.Compare(a.number, number) })
			for _, a := range list[first:] {
				if a.number > r.Largest {
					break
				}
				if a.step.N < step.N { // a message whose first part this was can be whole only later
					steps = append(steps, a.step.N)
				}
			}
		}
	}
	slices.Sort(steps)
	return inPackets(slices.Compact(steps))
}

// inPackets says that steps came in acknowledged packets.
func inPackets(steps []int) string {
	const most = 8
	switch n := len(steps); {
	case n == 0:
		return ""
	case n == 1:
		return "It acknowledges the packets of step " + strconv.Itoa(steps[0]) + "."
	case n > most:
		return fmt.Sprintf("It acknowledges the packets of %d steps, from step %d to step %d.", n, steps[0], steps[n-1])
	}
	words := make([]string, len(steps))
	for i, n := range steps {
		words[i] = strconv.Itoa(n)
	}
	last := len(words) - 1
	return "It acknowledges the packets of steps " + strings.Join(words[:last], ", ") + " and " + words[last] + "."
}

// count files the steps by the packets that brought them, in their order.
func (b *Book) count() {
	b.packets = make(map[space][]arrival)
	for _, s := range b.in.Timeline.Steps {
		for _, p := range s.Packets() {
			in := space{s.From, p.Level}
			b.packets[in] = append(b.packets[in], arrival{p.Number, s})
		}
	}
	for _, list := range b.packets {
		slices.SortStableFunc(list, func(a, b arrival) int { return cmp.Compare(a.number, b.number) })
	}
}
