package harness

import (
	"errors"
	"fmt"

	"shakedown/harness/field"
	"shakedown/harness/outcome"
	"shakedown/harness/pki"
)

// couldNotLoad keeps the first file that does not load as an outcome of the
// side, and notes those behind it. Any other error is the scenario's.
func (c *cast) couldNotLoad(role outcome.Role, err error) error {
	var load *pki.LoadError
	if !errors.As(err, &load) {
		return fmt.Errorf("%s: %w", role, err)
	}
	failure := outcome.LoadFailure{File: load.File, Role: load.Role, Cause: load.Cause(role), Detail: load.Detail, Command: load.Command}
	c.unread = append(c.unread, failure)
	if c.unloadable == nil {
		c.unloadable = &outcome.Failure{
			Text: firstOf(load.Go, load.Error()), Op: outcome.OpLoad, // AppendCertsFromPEM says only false
			Verify: &outcome.VerifyFailure{Kind: outcome.OtherVerify, Detail: failure.Cause},
			Load:   &failure,
		}
	}
	return nil
}

// checkOther looks into the key of a side whose certificate does not load, and the
// other way round: a program gets no further than the first of them, and would fail
// at the other one the next time.
func (c *cast) checkOther() {
	set := &c.config.Settings
	if c.unloadable == nil || set.KeyFile == "" || set.KeyFile == set.CertificateFile {
		return
	}
	var err error
	switch load := c.unloadable.Load; {
	case load.Role == "certificate":
		err = pki.CheckKey(set.KeyFile)
	case load.Role == "key":
		err = pki.CheckCertificate(set.CertificateFile)
	}
	if err != nil {
		_ = c.couldNotLoad(set.Role, err) // it is a LoadError
	}
}

// alsoUnread says which files of the sides do not load beside those that the
// diagnosis names: it has the first of each side, and of two that have the same
// cause the server's. So nobody has to mend one to hear of the next.
func alsoUnread(server, client cast) (notes []string) {
	told := map[string]bool{}
	for _, side := range []cast{server, client} {
		for i, f := range side.unread {
			if i == 0 && !told[f.Cause] {
				told[f.Cause] = true
				continue
			}
			note := fmt.Sprintf("%s, given as the %s's %s, does not load either", field.Shorten(f.File, 100), side.config.Settings.Role, f.Role)
			if f.Detail != "" {
				note += ": " + field.Printable(f.Detail)
			}
			if f.Command != "" {
				note += "; try " + f.Command
			}
			notes = append(notes, note)
		}
	}
	return notes
}
