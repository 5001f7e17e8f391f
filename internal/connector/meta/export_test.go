package meta

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/herald-publishing/herald/internal/problem"
)

// Unseen names the rows of the error table that no fixture came by. A row is known by what it says and by the codes it is
// for.
func Unseen(seen []problem.Error) []string {
	var out []string
	for _, r := range slices.Concat(instagramRows(), rows()) {
		if !slices.ContainsFunc(seen, r.made) {
			out = append(out, fmt.Sprintf("%s%d-%d/%d %v %q: %s", r.kind, r.code, r.to, r.subcode, r.ops, r.text, r.message))
		}
	}
	return out
}

func (r row) made(e problem.Error) bool {
	if e.Rule != r.source || e.Message != r.message {
		return false
	}
	if r.kind != "" {
		return e.Code == r.kind
	}
	native, sub, _ := strings.Cut(e.Code, "/")
	code, err := strconv.Atoi(strings.Replace(native, "http_", "-", 1))
	subcode, _ := strconv.Atoi(sub) // none is 0
	if err != nil || r.subcode != anySubcode && r.subcode != subcode {
		return false
	}
	return r.code == anyCode || r.code == code || r.to != 0 && code >= r.code && code <= r.to
}
