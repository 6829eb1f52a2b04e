package catalogue

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	headingLine  = regexp.MustCompile(`^#{1,6} (.+)$`)
	linkTarget   = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	codeSpan     = regexp.MustCompile("`[^`]*`")
	linkInText   = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	markupInText = regexp.MustCompile("[`*\\\\]")
)

// Every link of the documents leads somewhere: to a file of the repository, and
// to a heading that is in it.
func TestLinksLeadSomewhere(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	files = append(files, filepath.Join("..", "..", "README.md"))
	links := 0
	for _, file := range files {
		for n, line := range proseLines(t, file) {
			for _, m := range linkTarget.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, "code"), -1) {
				links++
				if problem := deadLink(t, file, m[1]); problem != "" {
					t.Errorf("%s:%d: %s", file, n+1, problem)
				}
			}
		}
	}
	if links < 1000 {
		t.Errorf("found only %d links in %d files", links, len(files))
	}
}

// deadLink says what is wrong with a link, empty for those to elsewhere.
func deadLink(t *testing.T, from, target string) string {
	t.Helper()
	if strings.Contains(target, "://") {
		return ""
	}
	name, anchor, _ := strings.Cut(target, "#")
	file := from
	if name != "" {
		file = filepath.Join(filepath.Dir(from), filepath.FromSlash(name))
	}
	if _, err := os.Stat(file); err != nil {
		return fmt.Sprintf("%s leads nowhere: %v", target, err)
	}
	if anchor != "" && !anchors(t, file)[anchor] {
		return fmt.Sprintf("%s leads to a heading that %s does not have", target, file)
	}
	return ""
}

var anchorsOf = map[string]map[string]bool{}

// anchors are those of a file's headings. GitHub numbers headings of the same
// text from the second one on.
func anchors(t *testing.T, file string) map[string]bool {
	t.Helper()
	if known := anchorsOf[file]; known != nil {
		return known
	}
	found := map[string]bool{}
	for _, line := range proseLines(t, file) {
		m := headingLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		text := markupInText.ReplaceAllString(linkInText.ReplaceAllString(m[1], "$1"), "")
		base := Anchor(text)
		anchor := base
		for n := 1; found[anchor]; n++ {
			anchor = fmt.Sprintf("%s-%d", base, n)
		}
		found[anchor] = true
	}
	anchorsOf[file] = found
	return found
}

// proseLines returns the lines of a file, those of code blocks empty.
func proseLines(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	inside := false
	for i, line := range lines {
		fence := strings.HasPrefix(line, "```")
		if fence {
			inside = !inside
		}
		if fence || inside {
			lines[i] = ""
		}
	}
	return lines
}

// An anchor stands for one heading only, or a link to it leads to the wrong one.
func TestHeadingsOfTheDocumentsAreTheirOwn(t *testing.T) {
	for _, name := range []string{CausesFile, ScenariosFile} {
		seen := map[string]string{}
		for n, line := range proseLines(t, path(name)) {
			m := headingLine.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			anchor := Anchor(markupInText.ReplaceAllString(m[1], ""))
			if first := seen[anchor]; first != "" {
				t.Errorf("docs/%s:%d: %q has the anchor of %q", name, n+1, m[1], first)
			}
			seen[anchor] = m[1]
		}
	}
}
