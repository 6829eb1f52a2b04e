package causes

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// measured are the ids that stand for rows of the table of measured faults.
var measured = map[string]string{
	"client-no-cert":               "C01",
	"client-ca-hint-mismatch":      "C02",
	"client-missing-intermediate":  "C03 C12",
	"server-clientcas-wrong-file":  "C04",
	"client-key-unsupported":       "C05",
	"client-sigalg-mismatch":       "C06",
	"proxy-reoriginates":           "C07",
	"ech-rejected":                 "C08",
	"certrequest-damaged":          "C09",
	"client-untrusted-ca":          "C10",
	"client-self-signed":           "C11",
	"client-wrong-intermediate":    "C13",
	"client-ca-rotated":            "C14",
	"client-sha1":                  "C15",
	"client-issuer-not-ca":         "C16",
	"client-issuer-no-keycertsign": "C17",
	"server-clientcas-empty":       "C18",
	"client-expired":               "C20",
	"client-not-yet-valid":         "C21",
	"client-intermediate-expired":  "C22",
	"client-root-expired":          "C23",
	"server-clock-ahead":           "C24",
	"client-picks-old":             "C25",
	"client-not-reloaded":          "C26",
	"client-eku-serverauth":        "C30",
	"client-intermediate-eku":      "C31",
	"client-name-constraint":       "C32",
	"client-pathlen":               "C33",
	"client-critical-ext":          "C34",
	"policy-verifypeer":            "C35",
	"policy-verifyconnection":      "C36",
	"fips-chain":                   "C37",
	"client-key-mismatch":          "C40",
	"client-chain-wrong-order":     "C41",
	"client-key-type-mismatch":     "C42",
	"client-cert-garbage":          "C43",
	"client-negative-serial":       "C44",
	"client-chain-huge":            "C45",
	"quic-client-chain-16k":        "C46",
	"client-signer-fails":          "C50",
	"getclientcert-error":          "C51",
	"client-p224-forced":           "C52",
	"server-request-only":          "C60",
	"server-never-asks":            "C61",
	"server-requires-any":          "C62",
	"resumed-old-identity":         "C63",
	"policy-skipped-on-resume":     "C64",
	"leaf-ku-no-digitalsignature":  "C65",
	"server-untrusted-ca":          "S01",
	"server-self-signed":           "S02",
	"server-missing-intermediate":  "S03",
	"server-mitm":                  "S04",
	"server-ca-rotated":            "S05",
	"server-sha1":                  "S06",
	"server-issuer-not-ca":         "S07",
	"server-expired":               "S08",
	"server-not-yet-valid":         "S09",
	"client-clock-behind":          "S10",
	"server-cross-sign-old-root":   "S11",
	"server-hostname":              "S12",
	"server-wildcard-depth":        "S13",
	"servername-dirty":             "S14",
	"server-san-is-url":            "S15",
	"server-ip-no-ip-san":          "S16",
	"server-ip-other-san":          "S17",
	"server-ip-in-dns-san":         "S18",
	"no-sni-default-cert":          "S19",
	"getcertificate-skipped":       "S20",
	"server-cn-only":               "S21",
	"server-uri-san-only":          "S22",
	"server-eku-clientauth":        "S23",
	"server-name-constraint":       "S24",
	"server-pathlen":               "S25",
	"server-pin":                   "S26",
	"server-key-mismatch":          "S27",
	"server-negative-serial":       "S28",
	"quic-server-chain-16k":        "S29",
	"server-no-cert":               "P01",
	"getcertificate-error":         "P02",
	"getconfigforclient-error":     "P03",
	"server-signer-fails":          "P04",
	"server-p224":                  "P05",
	"server-rsa512":                "P06",
	"alpn-mismatch":                "P07",
	"alpn-h2-vs-http11":            "P08",
	"alpn-client-none":             "P09",
	"alpn-server-none":             "P10",
	"version-mismatch":             "P11",
	"cipher-mismatch":              "P12",
	"cipher-vs-cert":               "P13",
	"curve-mismatch":               "P14",
	"pq-only-server":               "P15",
	"hrr":                          "P16",
	"rsa-kex-only-peer":            "P17",
	"sha1-sigalg-only-peer":        "P18",
	"renegotiation":                "P19",
	"post-handshake-auth":          "P20",
	"servername-empty":             "P21",
	"plain-http-server":            "W01",
	"banner-server":                "W02",
	"h2c-server":                   "W03",
	"tls-in-tls":                   "W04",
	"plain-client":                 "W05",
	"proxy-protocol":               "W06",
	"fin-after-hello":              "W07",
	"rst-after-hello":              "W08",
	"blackhole":                    "W09",
	"large-hello-dropped":          "W10",
	"cut-mid-flight":               "W11",
	"corrupt-record":               "W12",
	"warning-alert":                "W13",
	"app-close":                    "W14 Q05",
	"client-gone":                  "W15",
	"quic-silence":                 "Q01",
	"quic-version":                 "Q02",
	"quic-mtu-blackhole":           "Q03",
	"quic-client-flight-lost":      "Q04",
	"swapped-files":                "L01",
	"wrong-key":                    "L02",
	"key-type":                     "L03",
	"not-pem":                      "L04",
	"wrong-block":                  "L05",
	"key-block":                    "L06",
	"key-unusable":                 "L07",
	"bundle-partly-read":           "L08",
	"bundle-unread":                "L09",
	"file-missing":                 "L10",
}

// beside are the ids that have no row of their own.
var beside = []string{
	"server-intermediate-expired",
	"server-root-expired",
	"server-intermediate-eku",
	"server-wrong-intermediate",
	"server-cert-garbage",
	"server-chain-wrong-order",
	"server-key-type-mismatch",
	"server-critical-ext",
	"server-issuer-no-keycertsign",
	"client-trust-wrong-file",
	"client-trust-empty",
	"client-clock-ahead",
	"server-clock-behind",
	"client-revoked",
	"server-revoked",
	"ocsp-stale",
	"crl-stale",
	"weak-key",
	"weak-signature",
	"policy-refused",
	"altered-on-path",
	"reset-hides-alert",
	"server-signature-broken",
	"client-signature-broken",
	"server-intermediate-not-yet-valid",
	"client-intermediate-not-yet-valid",
	"server-staple-missing",
	"client-staple-missing",
	"ocsp-untrusted",
	"ocsp-unknown",
	"server-not-reloaded",
	"connection-refused",
	"crl-untrusted",
	"chain-out-of-order",
	"chain-extra",
	"key-ids-differ",
	"server-unsupported-signature",
	"client-unsupported-signature",
	"server-issuer-respelled",
	"client-issuer-respelled",
	"server-certificate-policy",
	"client-certificate-policy",
}

func TestCatalogueHoldsEveryID(t *testing.T) {
	for id, rows := range measured {
		c, ok := Lookup(id)
		if !ok {
			t.Errorf("the catalogue has no %q (%s)", id, rows)
			continue
		}
		for row := range strings.FieldsSeq(rows) {
			if !slices.Contains(c.Rows, row) {
				t.Errorf("%s: got rows %v, want %s among them", id, c.Rows, row)
			}
		}
	}
	for _, id := range beside {
		if _, ok := Lookup(id); !ok {
			t.Errorf("the catalogue has no %q", id)
		}
	}
	for _, c := range All() {
		if _, ok := measured[c.ID]; !ok && !slices.Contains(beside, c.ID) {
			t.Errorf("%s is in the catalogue but not in this test's list of ids", c.ID)
		}
	}
}

func TestIDsAreUniqueAndFollowThePattern(t *testing.T) {
	pattern := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, c := range All() {
		if !pattern.MatchString(c.ID) {
			t.Errorf("%q does not follow %s", c.ID, pattern)
		}
		if seen[c.ID] {
			t.Errorf("%s is in the catalogue twice", c.ID)
		}
		seen[c.ID] = true
	}
}

func TestEveryEntrySaysWhatItMeansAndWhatToDo(t *testing.T) {
	row := regexp.MustCompile(`^[CSPWQL]\d\d$`)
	scenario := regexp.MustCompile(`^[a-z]+/[a-z0-9-]+$`)
	titles := map[string]string{}
	for _, c := range All() {
		if c.Title == "" || strings.HasSuffix(c.Title, ".") || len(c.Title) > 120 {
			t.Errorf("%s: title %q is not one sentence of at most 120 bytes without its full stop", c.ID, c.Title)
		}
		if other, ok := titles[c.Title]; ok {
			t.Errorf("%s and %s have the same title", c.ID, other)
		}
		titles[c.Title] = c.ID
		for name, text := range map[string]string{"explanation": c.Explanation, "remedy": c.Remedy} {
			if !strings.HasSuffix(text, ".") || strings.Contains(text, "  ") || len(text) < 30 || len(text) > 400 {
				t.Errorf("%s: %s is not a short paragraph: %q", c.ID, name, text)
			}
		}
		for _, r := range c.Rows {
			if !row.MatchString(r) {
				t.Errorf("%s: row %q is not one of the table's", c.ID, r)
			}
		}
		if c.Scenario != "" && !scenario.MatchString(c.Scenario) {
			t.Errorf("%s: scenario %q is no id", c.ID, c.Scenario)
		}
	}
}

// A remedy has to say on which side to act, where the id names a side.
func TestRemediesOfASideNameAPlace(t *testing.T) {
	place := regexp.MustCompile(`(?i)server|client|CA\b|proxy|certificate|clock`)
	for _, c := range All() {
		sided := strings.HasPrefix(c.ID, "client-") || strings.HasPrefix(c.ID, "server-")
		if sided && !place.MatchString(c.Remedy) {
			t.Errorf("%s: the remedy says what but not where: %q", c.ID, c.Remedy)
		}
	}
}

func TestLookupOfAnUnknownID(t *testing.T) {
	if c, ok := Lookup("client-sneezed"); ok {
		t.Errorf("Lookup of an id that does not exist gave %+v", c)
	}
}

func TestAllIsTheCallersOwn(t *testing.T) {
	All()[0].ID = "changed"
	if got := All()[0].ID; got == "changed" {
		t.Error("changing what All returned changed the catalogue")
	}
}

// Every cause is in one area, and the areas make up the catalogue in its order.
func TestAreasMakeUpTheCatalogue(t *testing.T) {
	var ids, want []string
	titles := map[string]bool{}
	for _, a := range Areas() {
		if a.Title == "" || titles[a.Title] || !strings.HasSuffix(a.About, ".") || len(a.Causes) == 0 {
			t.Errorf("area %q has no title of its own, no sentence or no causes", a.Title)
		}
		titles[a.Title] = true
		for _, c := range a.Causes {
			ids = append(ids, c.ID)
		}
	}
	for _, c := range All() {
		want = append(want, c.ID)
	}
	if !slices.Equal(ids, want) {
		t.Errorf("the areas have\n%v\nand the catalogue\n%v", ids, want)
	}
}
