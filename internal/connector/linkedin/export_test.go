package linkedin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/herald-publishing/herald/internal/problem"
)

// Unseen names the rows of the error table that no fixture came by. What is tested elsewhere is left out: what a day's counter
// says depends on the hour, a file that is not ready is waited for, and a token that is dead is no error of giving it back.
func Unseen(seen []problem.Error) []string {
	var out []string
	for _, r := range rows() {
		if !r.day && r.code != codeWaiting && !slices.Contains(r.ops, opRevoke) && !slices.ContainsFunc(seen, r.made) {
			out = append(out, fmt.Sprintf("%d %s/%d %v %q: %s", r.status, r.code, r.service, r.ops, r.text, r.message))
		}
	}
	return out
}

func (r row) made(e problem.Error) bool {
	return e.Class == r.class && e.Rule == r.source && e.Message == r.message && (r.code == "" || e.Code == r.code) &&
		(r.service == 0 || strings.HasSuffix(e.Code, "/"+strconv.Itoa(r.service)))
}
