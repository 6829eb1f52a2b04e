package quicwire

import "sync/atomic"

// absentParameters says what holds for the transport parameters that are not in sent,
// which has a bit for each: none that has a default is larger. It is empty if none is
// missing.
func absentParameters(sent uint64, fromClient bool) string {
	side := 0
	if fromClient {
		side = 1
	}
	if last := lastAbsence[side].Load(); last != nil && last.sent == sent {
		return last.text
	}
	text := absentText(sent, fromClient)
	lastAbsence[side].Store(&absence{sent, text})
	return text
}

// lastAbsence has what absentParameters said last of a server and of a client: nearly
// always it says the same again.
var lastAbsence [2]atomic.Pointer[absence]

// An absence is what holds where no parameters but those sent are there.
type absence struct {
	sent uint64
	text string
}

// absentText makes what absentParameters says.
func absentText(sent uint64, fromClient bool) string {
	const begin = "Not sent, and so: "
	var room [512]byte
	text := append(room[:0], begin...)
	for _, d := range parameterDefaults {
		if sent>>d.id&1 != 0 || fromClient && parameterKinds().of(d.id).serverOnly {
			continue
		}
		if len(text) > len(begin) {
			text = append(text, ", "...)
		}
		text = append(append(text, d.id.String()...), " ("...)
		text = append(append(text, d.means...), ')')
	}
	if len(text) == len(begin) {
		return ""
	}
	return string(append(text, '.'))
}

// parameterDefaults are what holds where a parameter is absent (RFC 9000 18.2).
var parameterDefaults = []struct {
	id    ParameterID
	means string
}{
	{MaxIdleTimeout, "no limit of its own"},
	{MaxUDPPayloadSize, "65527"},
	{InitialMaxData, "0"},
	{InitialMaxStreamDataBidiLocal, "0"},
	{InitialMaxStreamDataBidiRemote, "0"},
	{InitialMaxStreamDataUni, "0"},
	{InitialMaxStreamsBidi, "0"},
	{InitialMaxStreamsUni, "0"},
	{AckDelayExponent, "3"},
	{MaxAckDelay, "25 ms"},
	{DisableActiveMigration, "migration is allowed"},
	{ActiveConnectionIDLimit, "2"},
	{StatelessResetToken, "no stateless reset of this connection ID"},
	{PreferredAddress, "none"},
	{MaxDatagramFrameSize, "0: no DATAGRAM frames"},
}
