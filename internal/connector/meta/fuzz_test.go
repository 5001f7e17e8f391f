package meta_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/problem"
)

type answer struct {
	status int
	usage  string
	body   string
}

func (a answer) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Header: http.Header{"X-Business-Use-Case-Usage": {a.usage}},
		Body: io.NopCloser(strings.NewReader(a.body)),
	}, nil
}

// FuzzAnswer feeds every parser of Meta's answers: errors, usage headers, posts, accounts.
func FuzzAnswer(f *testing.F) {
	f.Add(400, `{"200":[{"estimated_time_to_regain_access":19}]}`, `{"error":{"message":"x","type":"OAuthException","code":190,"error_subcode":463,"fbtrace_id":"A"}}`)
	f.Add(200, "", `{"data":[{"id":"1","message":"m","created_time":"2026-09-01T10:00:00+0000","attachments":{"data":[{"media_type":"album","subattachments":{"data":[{"target":{"id":"2"}}]}}]}}],"paging":{"cursors":{"after":"a"},"next":"n"}}`)
	f.Add(200, `{"1":7}`, `{"error":"text"}`)
	f.Add(500, `{"1":[{"estimated_time_to_regain_access":-1e309}]}`, `{"error":{"code":"7","is_transient":1}}`)
	f.Add(200, "", `true`)
	f.Add(403, "", `{"error":{"code":4}}`)
	f.Fuzz(func(t *testing.T, status int, usage, body string) {
		if status < 200 || status > 599 {
			t.Skip("no final status of HTTP")
		}
		c, err := meta.New(meta.Config{ClientID: "1", ClientSecret: connector.NewSecret("s"), HTTP: &http.Client{Transport: answer{status, usage, body}}, Now: func() time.Time { return time.Unix(1790000000, 0) }})
		require.NoError(t, err)
		s := connector.Session{Account: connector.Account{Kind: "facebook_page", ExternalID: "200"}, Credential: connector.Credential{Access: connector.NewSecret("EAACanaryFuzz00001")}}
		_, candidates := c.Candidates(t.Context(), s, connector.Draft{AcceptedAt: time.Unix(1790000000, 0)})
		_, accounts := c.Accounts(t.Context(), connector.Grant{Credential: s.Credential})
		for _, err := range []error{c.Ping(t.Context(), s), c.Delete(t.Context(), s, connector.Receipt{ExternalID: "200_1"}), candidates, accounts} {
			if err == nil {
				continue
			}
			var p *problem.Error
			require.ErrorAs(t, err, &p)
			require.NotEmpty(t, p.Message)
			require.NotEqual(t, problem.Internal, p.Class)
			require.GreaterOrEqual(t, p.RetryAfter, time.Duration(0))
			require.LessOrEqual(t, p.RetryAfter, 48*time.Hour)
			require.NotContains(t, err.Error(), "EAACanary")
		}
	})
}
