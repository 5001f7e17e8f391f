package meta

import (
	"encoding/json"
	"net/http"

	"github.com/herald-publishing/herald/internal/connector"
)

var _ connector.Pacer = (*Connector)(nil)

// load is one usage report. Meta throttles when any of the three reaches 100.
type load struct {
	Calls float64 `json:"call_count"`
	Time  float64 `json:"total_time"`
	CPU   float64 `json:"total_cputime"`
}

func (l load) percent() int { return int(min(max(l.Calls, l.Time, l.CPU, 0), 1000)) }

// Usage implements connector.Pacer. A header that is absent or malformed says nothing.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
func (c *Connector) Usage(h http.Header) connector.Usage {
	var u connector.Usage
	var app load
	if json.Unmarshal([]byte(h.Get("X-App-Usage")), &app) == nil {
		u.App = app.percent()
	}
	var business map[string][]load
	if json.Unmarshal([]byte(h.Get("X-Business-Use-Case-Usage")), &business) == nil {
		for _, list := range business {
			for _, l := range list {
				u.Account = max(u.Account, l.percent())
			}
		}
	}
	return u
}
