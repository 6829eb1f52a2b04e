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
	if got, want := Shorten("server.test", 7), "server…"; got != want {
		t.Errorf("Shorten = %q, want %q", got, want)
	}
	if got, want := Shorten("server", 7), "server"; got != want {
		t.Errorf("Shorten = %q, want %q", got, want)
	}
}
