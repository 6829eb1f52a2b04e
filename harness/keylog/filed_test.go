package keylog

import (
	"fmt"
	"testing"
)

// What is filed is found again under all labels, those that nobody knows here too, and
// there is nothing else.
func TestSecretsAreFiled(t *testing.T) {
	all := append([]Label{"", "SOME_FUTURE_LABEL", "CLIENT_RANDOM "}, labels[:]...)
	var s secrets
	want := map[entry]string{}
	for i, label := range all {
		for connection := range byte(3) {
			if i%3 == int(connection) {
				continue
			}
			secret := fmt.Sprint(label, connection)
			if !s.add(label, random(connection), []byte(secret)) {
				t.Errorf("%q of %d is said to be there already", label, connection)
			}
			if s.add(label, random(connection), []byte("another")) {
				t.Errorf("%q of %d is filed twice", label, connection)
			}
			want[entry{label, random(connection)}] = secret
		}
	}
	if s.add(ClientTraffic, random(9), nil) || s.has(random(9)) {
		t.Error("no secret counts as one")
	}
	for _, label := range all {
		for connection := range byte(4) {
			if got := string(s.find(label, random(connection))); got != want[entry{label, random(connection)}] {
				t.Errorf("%q of %d is %q", label, connection, got)
			}
		}
	}
	got := map[entry]string{}
	for e, secret := range s.all() {
		got[e] = string(secret)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || s.len() != len(want) {
		t.Errorf("%d are filed:\n%v\nwant\n%v", s.len(), got, want)
	}
	for range s.all() {
		break // who asks for one gets no more
	}
	var none *secrets
	for e := range none.all() {
		t.Errorf("nothing holds %v", e)
	}
	if none.len() != 0 || none.has(random(0)) || none.find(ClientRandom, random(0)) != nil {
		t.Error("nothing holds something")
	}
}
