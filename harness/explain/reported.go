package explain

// Reported returns the ids of the causes that an error in the log of that side
// ("client" or "server") can mean, the likeliest first, and nothing where the
// text says nothing that is known. Unlike [Explain] it takes the text for one
// error: never for a number, an id or a paste, and it needs no evidence.
func Reported(text, side string) []string {
	t := known()
	l := newLine(text)
	l.role = role(side)
	r, ok := t.readLine(l)
	if !ok || r.kind == marking {
		return nil
	}
	return t.causes(r)
}
