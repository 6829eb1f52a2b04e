package inspector

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"strings"

	"shakedown/harness/field"
	"shakedown/tui/pane"
)

// Copy returns the clips of the selected field, then those of the whole step.
func (p *Pane) Copy() []pane.Clip {
	if p.step == nil {
		return nil
	}
	var clips []pane.Clip
	if r, ok := p.selected(); ok {
		f := r.field
		clips = append(clips, pane.Clip{Label: f.Label + " as text", Ext: "txt", Text: sentence(f)})
		if b := p.bytesOf(f); len(b) > 0 {
			clips = append(clips, pane.Clip{Label: f.Label + " as hex", Ext: "hex", Text: hex.EncodeToString(b)})
			if _, err := x509.ParseCertificate(b); err == nil {
				clips = append(clips, pane.Clip{Label: f.Label + " as PEM", Ext: "pem", Text: certificatePEM(b)})
			}
		}
	}
	var tree strings.Builder
	fmt.Fprintf(&tree, "%d. %s\n", p.step.N, p.step.Name)
	write(&tree, p.tree.Fields, "  ")
	clips = append(clips, pane.Clip{Label: fmt.Sprintf("all fields of step %d as text", p.step.N), Ext: "txt", Text: tree.String()})
	for _, b := range p.tree.Buffers {
		clips = append(clips, pane.Clip{Label: b.Name + " as hex", Ext: "hex", Text: hex.EncodeToString(b.Bytes)})
	}
	return clips
}

func sentence(f *field.Field) string {
	text := f.Label
	if f.Value != "" {
		text += ": " + field.Printable(f.Value)
	}
	if f.Bits != "" {
		text += " [" + f.Bits + "]"
	}
	if f.Meaning != "" {
		text += " (" + field.Printable(f.Meaning) + ")"
	}
	return text
}

func write(b *strings.Builder, fields []field.Field, indent string) {
	for i := range fields {
		fmt.Fprintf(b, "%s%s\n", indent, sentence(&fields[i]))
		write(b, fields[i].Fields, indent+"  ")
	}
}

func certificatePEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
