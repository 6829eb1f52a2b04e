package dissect

import "strings"

// OnPath stands in a step's summary before what happened to it on its way.
const OnPath = "on the path: "

// onPath adds to a step's summary what happened to its units on their way. A step
// tells what was sent; what arrived can be something else.
func (d *Dissector) onPath(s *Step, summary string) string {
	var ways []string
	for _, i := range s.Units {
		u := d.unit(i)
		if u == nil {
			continue
		}
		for _, delivery := range u.Deliveries {
			if delivery.Why != "" && (len(ways) == 0 || ways[len(ways)-1] != delivery.Why) {
				ways = append(ways, delivery.Why)
			}
		}
	}
	if len(ways) == 0 {
		return summary
	}
	way := OnPath + strings.Join(ways, "; then ")
	if summary == "" {
		return way
	}
	return summary + "; " + way
}
