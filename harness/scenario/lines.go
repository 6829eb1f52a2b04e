package scenario

import "shakedown/harness/outcome"

// ExpectLine returns the line of the file that says what is expected of a
// connection, counted from 1, in a cell: that of the key, or where the expectation
// begins if it leaves the key out. It is 0 where the file says nothing, and for a
// scenario that was read from none.
func (s *Scenario) ExpectLine(connection int, cell outcome.Cell, key string) int {
	if s.source == nil || connection < 1 || connection > len(s.source.expect) {
		return 0
	}
	stated := s.source.expect[connection-1]
	for i, c := range s.Expect[connection-1].Cells {
		if !matches(c.When, cell) {
			continue
		}
		if of := stated.get("cells").items[i]; of.get(key) != nil {
			return of.keyAt(key).line
		}
		break // it is the first that counts
	}
	return stated.keyAt(key).line
}

// WireLine returns the line of the file that says what an entry of Wire does, 0
// for a scenario that was read from none.
func (s *Scenario) WireLine(i int) int {
	if s.source == nil || i < 0 || i >= len(s.source.wire) {
		return 0
	}
	return s.source.wire[i].line
}
