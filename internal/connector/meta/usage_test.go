package meta_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/meta"
)

func TestUsageIsReadFromTheHeaders(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		app, business string
		want          connector.Usage
	}{
		"none":      {"", "", connector.Usage{}},
		"malformed": {"{", `{"1":[{"call_count":"many"}]}`, connector.Usage{}},
		"the highest counts": {
			`{"call_count":28,"total_time":85,"total_cputime":25}`,
			`{"200":[{"type":"pages","call_count":10,"total_cputime":23,"total_time":23},{"type":"instagram","call_count":97,"total_cputime":1,"total_time":1}]}`,
			connector.Usage{App: 85, Account: 97},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			h.Set("X-App-Usage", tc.app)
			h.Set("X-Business-Use-Case-Usage", tc.business)
			require.Equal(t, tc.want, (*meta.Connector)(nil).Usage(h))
		})
	}
}
