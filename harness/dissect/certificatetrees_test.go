package dissect

import (
	"encoding/binary"
	"reflect"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"shakedown/harness/x509wire"
)

// TestCertificateTrees asks for more certificates than are kept, each at several
// places.
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
				for _, base := range []int{i, i, 3, i} {
					got, _ := trees.fields(other, base, "message")
					if want := x509wire.Fields(other, base, "message"); !reflect.DeepEqual(got, want) {
						t.Errorf("certificate %d at %d (-want +got):\n%s", i, base, cmp.Diff(want, got))
						return
					}
				}
			}
		})
	}
	readers.Wait()
	if len(trees.trees) != mostCertificates || len(trees.order) != mostCertificates {
		t.Errorf("%d trees are kept, %d in the ring, want %d", len(trees.trees), len(trees.order), mostCertificates)
	}
}
