package pcapng

// The options that are read
// (https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcapng.html#section-3.5).
const (
	optionEnd     = 0
	optionComment = 1

	optionResolution = 9 // of an interface
	optionOffset     = 14
)

// options calls with each option of a list. A list that is damaged ends there:
// nothing that is needed to go on stands in one.
func (s *sections) options(list []byte, with func(code uint16, value []byte)) {
	for len(list) >= 4 {
		code, length := s.order.Uint16(list), int(s.order.Uint16(list[2:]))
		if list = list[4:]; code == optionEnd || length > len(list) {
			return
		}
		with(code, list[:length])
		list = list[min(padded(length), len(list)):]
	}
}

// padded is a length rounded up to 32 bits.
func padded(length int) int { return (length + 3) &^ 3 }
