package field

import "testing"

func TestPrintable(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain text stays", "CN=server.test", "CN=server.test"},
		{"letters of other scripts stay", "CN=Zürich 東京", "CN=Zürich 東京"},
		{"an escape sequence", "a\x1b[31mb", `a\x1b[31mb`},
		{"a newline", "a\nb", `a\x0ab`},
		{"a C1 control", "a\u009bb", `a\u009bb`},
		{"a bidirectional override", "abc\u202egpj.exe", `abc\u202egpj.exe`},
		{"a zero width joiner", "a\u200db", `a\u200db`},
		{"broken UTF-8", "a\xffb", `a\xffb`},
		{"what broken UTF-8 is often replaced by stays", "a\ufffdb", "a\ufffdb"},
		{"a tag character", "a\U000e0041b", `a\U000e0041b`},
		{"a character of four bytes stays", "a😀b", "a😀b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Printable(tt.in); got != tt.want {
				t.Errorf("Printable(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestShorten(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"server.test", 7, "server…"},
		{"server", 7, "server"},
		{"server", 6, "server"},
		{"Zürich 東京", 9, "Zürich 東京"},
		{"Zürich 東京", 8, "Zürich …"},
		{"a\nb", 6, `a\x0ab`},
		{"a\nb", 4, `a\x…`},
		{"server東京", 6, "serve…"},
		{"server東京", 7, "server…"},
		{"server東京", 8, "server東京"},
		{"server東\n", 12, `server東\x0a`},
		{"server東\n", 8, "server東…"},
		{"server", 1, "…"},
		{"server", 0, "…"},
		{"東京", 1, "…"},
		{"東京", 0, "…"},
		{"", 0, ""},
	} {
		if got := Shorten(tt.in, tt.limit); got != tt.want {
			t.Errorf("Shorten(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}
