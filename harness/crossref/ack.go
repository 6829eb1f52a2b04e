package crossref

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"shakedown/harness/dissect"
	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/quicwire"
)

// A numberSpace is what a side's packets of some levels are numbered in.
type numberSpace int

// The spaces. Packets of 0-RTT and 1-RTT share their numbers (RFC 9000 12.3).
const (
	initialSpace numberSpace = iota
	handshakeSpace
	applicationSpace
	numberSpaces
)

// spaceOf returns the space of a level, negative for one that has no packets.
func spaceOf(l dissect.Level) numberSpace {
	switch l {
	case dissect.Initial:
		return initialSpace
	case dissect.Handshake:
		return handshakeSpace
	case dissect.Application, dissect.Early:
		return applicationSpace
	}
	return -1
}

// spaceIn returns the space of the packets whose fields have that label, negative for
// those that acknowledge nothing.
func spaceIn(label string) numberSpace {
	switch label {
	case "Initial packet":
		return initialSpace
	case "Handshake packet":
		return handshakeSpace
	case "1-RTT packet":
		return applicationSpace
	}
	return -1
}

// An arrival is a step that came in the packet of that number.
type arrival struct {
	number uint64
	step   *dissect.Step
}

// arrivals are the steps that one side's packets brought, in the order of the packets.
type arrivals [numberSpaces][]arrival

// acknowledged says of each ACK frame in a step's tree which steps came in the
// packets that it acknowledges, which are of the packet number space that the
// frame itself is sent in (RFC 9000 12.3). The tree is the caller's own, and is
// changed where it stands.
func (b *Book) acknowledged(step *dissect.Step, tree field.Tree, room *field.Room) {
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
			if text := b.acknowledges(step, spaceIn(packet.Label), &frame, room); text != "" {
				packet.Fields = ours(packet.Fields, packet.Shared)
				packet.Fields[j].Meaning = room.Sentences(text, packet.Fields[j].Meaning)
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
func (b *Book) acknowledges(step *dissect.Step, in numberSpace, frame *quicwire.Frame, room *field.Room) string {
	ranges, err := frame.AckRanges()
	if err != nil || in < 0 {
		return ""
	}
	b.counting.Do(b.count)
	var usual [32]int
	steps := usual[:0]
	list := b.sent(step.From.Peer())[in]
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
	slices.Sort(steps)
	return inPackets(slices.Compact(steps), room)
}

// inPackets says that steps came in acknowledged packets.
func inPackets(steps []int, room *field.Room) string {
	const most = 8
	switch n := len(steps); {
	case n == 0:
		return ""
	case n == 1:
		return "It acknowledges the packets of step " + strconv.Itoa(steps[0]) + "."
	case n > most:
		return fmt.Sprintf("It acknowledges the packets of %d steps, from step %d to step %d.", n, steps[0], steps[n-1])
	}
	var usual [128]byte
	text := append(usual[:0], "It acknowledges the packets of steps "...)
	for i, n := range steps {
		switch i {
		case 0:
		case len(steps) - 1:
			text = append(text, " and "...)
		default:
			text = append(text, ", "...)
		}
		text = strconv.AppendInt(text, int64(n), 10)
	}
	return room.Text(append(text, '.'))
}

// sent returns what that side's packets brought.
func (b *Book) sent(from outcome.Role) *arrivals {
	if from == outcome.Client {
		return &b.fromClient
	}
	return &b.fromServer
}

// count files the steps by the packets that brought them, in their order.
func (b *Book) count() {
	const usual = 8 // is how many a side sends in a space before its handshake is done
	slab := make([]arrival, 2*numberSpaces*usual)
	for _, list := range []*arrivals{&b.fromClient, &b.fromServer} {
		for in := range list {
			list[in], slab = slab[:0:usual], slab[usual:]
		}
	}
	var packets []dissect.Packet
	for _, s := range b.in.Timeline.Steps {
		packets = s.AppendPackets(packets[:0])
		for _, p := range packets {
			if in := spaceOf(p.Level); in >= 0 {
				list := &b.sent(s.From)[in]
				*list = append(*list, arrival{p.Number, s})
			}
		}
	}
	for _, list := range []*arrivals{&b.fromClient, &b.fromServer} {
		for _, one := range list {
			slices.SortStableFunc(one, func(a, b arrival) int { return cmp.Compare(a.number, b.number) })
		}
	}
}
