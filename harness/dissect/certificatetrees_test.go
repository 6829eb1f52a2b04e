package dissect

import (
	"encoding/binary"
	"reflect"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/x509wire"
)

// TestCertificateTrees asks for more certificates than are kept, at several
// places, and changes what it was given: nothing of that may show.
func TestCertificateTrees(t *testing.T) {
	der := serverCertificate(t)
	der = der[4+1+3+3:] // behind the message's and the list's headers
	der = der[:4+int(binary.BigEndian.Uint16(der[2:]))]
	var trees certificateTrees
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for i := range mostCertificates + 10 {
				other := append([]byte(nil), der...)
				other[len(other)-1-i%40] ^= byte(1 + i)
				got := trees.fields(other, i, "message")
				if want := x509wire.Fields(other, i, "message"); !reflect.DeepEqual(got, want) {
					t.Errorf("certificate %d (-want +got):\n%s", i, cmp.Diff(want, got))
					return
				}
				got[0].Fields[0].Label = "changed"
			}
		})
	}
	readers.Wait()
	if len(trees.trees) != mostCertificates || len(trees.order) != mostCertificates {
		t.Errorf("%d trees are kept, %d in the ring, want %d", len(trees.trees), len(trees.order), mostCertificates)
	}
}
