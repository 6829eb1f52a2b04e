package explain

import "testing"

func TestMisfit(t *testing.T) {
	tests := []struct {
		names  []string
		wanted string
		cause  string
	}{
		{[]string{"server.test", "localhost"}, "api.example.test", "server-hostname"},
		{[]string{"server.test"}, "server.test:8443", "servername-dirty"},
		{[]string{"server.test"}, "https://server.test", "servername-dirty"},
		{[]string{"server.test"}, "server.test/path", "servername-dirty"},
		{[]string{"::1"}, "[::1]:8443", "servername-dirty"},
		{[]string{"*.example.test"}, "a.b.example.test", "server-wildcard-depth"},
		{[]string{"other.test", "*.example.test"}, "example.test", "server-wildcard-depth"},
		{[]string{"*.example.test"}, "example.org", "server-hostname"},
		{[]string{"*.test"}, "127.0.0.1", "server-hostname"},
		{[]string{"10.0.0.7"}, "127.0.0.1", "server-ip-other-san"},
		{[]string{"server.test", "2001:db8::1"}, "2001:db8::2", "server-ip-other-san"},
		{[]string{"https://server.test"}, "server.test", "server-san-is-url"},
		{nil, "", "server-hostname"},
	}
	for _, tt := range tests {
		if got, says := misfit(tt.names, tt.wanted); got != tt.cause || says == "" {
			t.Errorf("%v, not %q: got %s (%s), want %s", tt.names, tt.wanted, got, says, tt.cause)
		}
	}
}
