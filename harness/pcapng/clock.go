package pcapng

import (
	"math"
	"math/bits"
	"time"
)

// A clock turns an interface's timestamps into times.
type clock struct {
	// perSecond is how many units a second has, at least 1.
	perSecond uint64
	// offset is added, in seconds.
	offset int64
}

var (
	microseconds = clock{perSecond: 1e6}
	nanoseconds  = clock{perSecond: 1e9}
)

// lastSecond is the last second of the year 9999. A damaged timestamp must not
// become a time that cannot be written down (RFC 3339 1).
const lastSecond = 253402300799

// resolution sets the unit from the option if_tsresol.
//
// "If the Most Significant Bit is equal to zero, the remaining bits indicate the
// resolution of the timestamp as a negative power of 10 [...]. If the Most
// Significant Bit is equal to one, the remaining bits indicate the resolution as
// negative power of 2."
// (https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcapng.html#section-4.2)
func (c *clock) resolution(option byte) error {
	exponent := option & 0x7f
	if option&0x80 != 0 {
		if exponent > 63 {
			return damaged("an interface counts time in units of 2^-%d s", exponent)
		}
		c.perSecond = 1 << exponent
		return nil
	}
	if exponent > 19 {
		return damaged("an interface counts time in units of 10^-%d s", exponent)
	}
	c.perSecond = 1
	for range exponent {
		c.perSecond *= 10
	}
	return nil
}

// time returns the time of a timestamp that counts units since 1970.
func (c clock) time(units uint64) time.Time {
	return c.sum(units/c.perSecond, units%c.perSecond)
}

// sum returns the time of whole seconds since 1970 and a fraction in units.
func (c clock) sum(seconds, units uint64) time.Time {
	whole := int64(min(seconds, lastSecond))
	switch {
	case c.offset > 0:
		whole = min(whole+min(c.offset, lastSecond), lastSecond)
	case c.offset < 0:
		whole = max(whole+max(c.offset, -lastSecond), 0)
	}
	high, low := bits.Mul64(units, uint64(time.Second))
	if high >= c.perSecond { // a fraction of more seconds than fit, which pcap can hold
		return time.Unix(whole, 0)
	}
	nanoseconds, _ := bits.Div64(high, low, c.perSecond)
	return time.Unix(whole, int64(min(nanoseconds, math.MaxUint32)))
}
