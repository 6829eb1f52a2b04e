package scenarios_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"shakedown/harness/causes"
	"shakedown/harness/scenario"
)

// rows says which scenarios show each row of the table of measured faults: C what
// the server finds in a client's certificate, S the client in a server's, P
// negotiation, W the wire, Q what only QUIC has, L files, R resumption in the order
// of its table. Behind a dash stands why nothing shows a row.
const rows = `
C01 clientauth/no-client-certificate
C02 trust/unknown-client-ca-filtered resumption/client-ca-dropped
C03 trust/client-missing-intermediate-filtered
C04 trust/server-trusts-a-leaf trust/server-trusts-its-own-ca
C05 key/client-p224-filtered key/client-rsa-512
C06 clientauth/signature-schemes-differ
C07 clientauth/proxy-between
C08 clientauth/ech-rejected
C09 wire/certrequest-damaged
C10 trust/unknown-client-ca clientauth/optional-and-untrusted
C11 trust/client-self-signed
C12 trust/client-missing-intermediate
C13 trust/client-wrong-intermediate
C14 trust/client-ca-rotated trust/client-ca-rotated-rsa
C15 trust/client-sha1
C16 trust/client-issuer-not-ca
C17 trust/client-issuer-no-keycertsign
C18 trust/server-trusts-nothing
C20 validity/client-expired clientauth/both-wrong
C21 validity/client-not-yet-valid
C22 validity/client-intermediate-expired
C23 validity/client-root-expired
C24 validity/server-clock-ahead
C25 clientauth/picks-the-old-one
C26 clientauth/renewed-not-reloaded
C30 usage/client-eku-server-only
C31 usage/client-intermediate-eku
C32 constraints/client-dns-not-permitted constraints/client-dns-excluded constraints/client-uri-not-permitted constraints/client-email-not-permitted
C33 usage/client-path-length
C34 usage/client-critical-extension
C35 policy/client-not-on-the-list
C36 policy/connection-not-allowed
C37 policy/fips-chain
C40 clientauth/client-key-mismatch
C41 key/client-chain-wrong-order
C42 key/client-key-type-mismatch
C43 key/client-certificate-damaged
C44 key/client-negative-serial
C45 key/client-chain-huge
C46 quic/client-chain-over-16k
C50 key/client-signer-fails
C51 clientauth/certificate-store-down
C52 key/client-p224-forced
C60 clientauth/request-only clientauth/request-unverified
C61 clientauth/never-asks
C62 clientauth/requires-any
C63 resumption/client-renewed
C64 resumption/rule-skipped
C65 usage/client-no-digital-signature
S01 trust/unknown-server-ca trust/server-cross-signed-untrusted
S02 trust/server-self-signed
S03 trust/server-missing-intermediate files/chain-truncated
S04 trust/server-mitm
S05 trust/server-ca-rotated
S06 trust/server-sha1
S07 trust/server-issuer-not-ca
S08 validity/server-expired validity/server-expired-a-second-ago
S09 validity/server-not-yet-valid
S10 validity/client-clock-behind
S11 validity/server-cross-sign-old-root
S12 identity/san-mismatch identity/wrong-server-answers
S13 identity/wildcard-depth identity/wildcard-bare-domain
S14 identity/server-name-with-port identity/server-name-with-scheme
S15 identity/san-is-url
S16 identity/ip-without-ip-san
S17 identity/ip-other-san
S18 identity/ip-in-dns-san
S19 identity/default-certificate
S20 identity/callback-skipped
S21 identity/common-name-only
S22 identity/uri-san-only
S23 usage/server-eku-client-only
S24 constraints/server-dns-not-permitted constraints/server-ip-not-permitted constraints/server-dns-excluded constraints/server-ip-excluded
S25 usage/server-path-length
S26 policy/server-key-not-pinned
S27 key/server-key-mismatch
S28 key/server-negative-serial
S29 quic/server-chain-over-16k
P01 negotiation/server-without-certificate
P02 negotiation/certificate-store-down
P03 negotiation/configuration-fails
P04 key/server-signer-fails
P05 key/server-p224
P06 key/server-rsa-512
P07 negotiation/alpn-mismatch
P08 negotiation/alpn-h2-and-http11
P09 negotiation/alpn-client-none
P10 negotiation/alpn-server-none
P11 negotiation/version-mismatch negotiation/version-too-new negotiation/version-too-old
P12 negotiation/suites-differ
P13 negotiation/suites-need-another-key
P14 negotiation/groups-differ
P15 negotiation/post-quantum-only
P16 healthy/hello-retry-request
P17 negotiation/rsa-key-exchange-only
P18 negotiation/sha1-only
P19 clientauth/asked-too-late
P20 clientauth/asked-too-late
P21 negotiation/no-server-name
W01 wire/plain-http-server
W02 wire/banner-server
W03 wire/h2c-server
W04 wire/tls-in-tls
W05 wire/plain-client
W06 wire/proxy-protocol
W07 wire/fin-after-hello
W08 wire/rst-after-hello
W09 wire/blackhole wire/answers-lost
W10 wire/large-hello-dropped
W11 wire/cut-mid-flight
W12 wire/corrupt-record
W13 wire/warning-alert
W14 wire/app-close quic/application-closes
W15 wire/client-gone
Q01 quic/silence quic/answers-lost quic/wrong-service quic/every-datagram-damaged quic/first-datagram-only
Q02 quic/version-differs
Q03 quic/mtu-blackhole
Q04 quic/client-flight-lost
Q05 quic/application-closes
Q06 negotiation/alpn-mismatch negotiation/version-mismatch negotiation/certificate-store-down negotiation/configuration-fails
L01 files/swapped
L02 files/key-of-another files/issuer-first files/byte-order-mark-chain
L03 files/key-of-another-kind
L04 files/der files/utf-16 files/byte-order-mark files/indented files/literal-newlines files/one-line files/base64-twice files/quoted files/carriage-returns files/truncated files/damaged files/glued files/empty
L05 files/request files/trusted-certificate files/trusted-chain
L06 files/public-key files/parameters-only
L07 files/encrypted-key files/unsupported-key
L08 files/bundle-partly-read files/bundle-damaged
L09 files/bundle-unread files/bundle-indented
L10 files/missing files/directory files/not-readable
R01 healthy/resumption
R02 resumption/client-ca-dropped
R03 resumption/rule-skipped resumption/rule-holds
R04 resumption/client-renewed
R05 resumption/client-expired
R06 resumption/certificates-now-required
R07 resumption/server-ca-dropped
R08 resumption/another-replica
`

// series are the numbers that each letter has.
var series = map[byte][][2]int{
	'C': {{1, 9}, {10, 18}, {20, 26}, {30, 37}, {40, 46}, {50, 52}, {60, 65}},
	'S': {{1, 29}},
	'P': {{1, 21}},
	'W': {{1, 15}},
	'Q': {{1, 6}},
	'L': {{1, 10}},
	'R': {{1, 8}},
}

// ofNoCause are the rows of which no scenario expects the cause: resumption is a
// table of what becomes of a second connection, Q06 says of other rows how they
// look over QUIC, C65 is no fault to Go, and the forms of files that L02 lists
// beside a wrong key have causes of their own.
func ofNoCause(row, id string) bool {
	return row[0] == 'R' || row == "Q06" || row == "C65" || row == "L02" && id == "files/byte-order-mark-chain"
}

func TestEveryMeasuredFaultHasAScenario(t *testing.T) {
	all := map[string]*scenario.Scenario{}
	for _, sc := range load(t) {
		all[sc.ID] = sc
	}
	listed := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(rows)) {
		row, shows, _ := strings.Cut(strings.TrimSpace(line), " ")
		if listed[row] {
			t.Errorf("%s is listed twice", row)
		}
		listed[row] = true
		if why, none := strings.CutPrefix(shows, "- "); none {
			if len(why) < 20 {
				t.Errorf("%s has no scenario, and no reason", row)
			}
			continue
		}
		for _, id := range strings.Fields(shows) {
			sc := all[id]
			if sc == nil {
				t.Errorf("%s is shown by %s, which does not exist", row, id)
				continue
			}
			if !ofNoCause(row, id) && !isAbout(sc, row) {
				t.Errorf("%s is listed for %s, and no cause that it expects has that row", id, row)
			}
		}
		if shows == "" {
			t.Errorf("%s has no scenario, and no reason", row)
		}
	}
	n := 0
	for letter, runs := range series {
		for _, run := range runs {
			for i := run[0]; i <= run[1]; i++ {
				n++
				if row := fmt.Sprintf("%c%02d", letter, i); !listed[row] {
					t.Errorf("%s is not listed", row)
				}
			}
		}
	}
	if n != len(listed) {
		t.Errorf("%d rows are listed, and the table has %d", len(listed), n)
	}
}

// isAbout says that a scenario is about a row: it expects a cause with that row, or
// it is the one that such a cause names because nothing fails.
func isAbout(sc *scenario.Scenario, row string) bool {
	for _, c := range causes.All() {
		if slices.Contains(c.Rows, row) && (c.Scenario == sc.ID || slices.Contains(expected(sc), c.ID)) {
			return true
		}
	}
	return false
}

// expected are the causes that a scenario expects, as the cause or beside it.
func expected(sc *scenario.Scenario) []string {
	var list []string
	for _, e := range sc.Expect {
		for _, cell := range sc.Cells {
			r := e.In(cell)
			list = append(list, *r.Cause)
			if r.Further != nil {
				list = append(list, *r.Further...)
			}
		}
	}
	return list
}
