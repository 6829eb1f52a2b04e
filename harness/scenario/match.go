package scenario

import (
	"regexp"
	"strings"
)

// MatchText says whether one of a side's errors is what a scenario expects: want
// is a part of it, or a regular expression between slashes. An empty want means
// that the side has no error. A want that is no regular expression matches nothing;
// [Parse] refuses it.
func MatchText(want string, errors ...string) bool {
	match, err := textMatcher(want)
	if err != nil {
		return false
	}
	for _, text := range errors {
		if want == "" && text != "" {
			return false
		}
		if want != "" && text != "" && match(text) {
			return true
		}
	}
	return want == ""
}

func textMatcher(want string) (func(string) bool, error) {
	if len(want) < 2 || want[0] != '/' || want[len(want)-1] != '/' {
		return func(text string) bool { return strings.Contains(text, want) }, nil
	}
	pattern, err := regexp.Compile(want[1 : len(want)-1])
	if err != nil {
		return nil, err
	}
	return pattern.MatchString, nil
}
