package meta_test

import (
	"net/http"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
)

// plant puts a post on an account by hand.
func (b box) plant(t connectortest.T, s connector.Session) connector.PublishedPost {
	t.Helper()
	var made struct {
		ID string `json:"id"`
	}
	kind := "image"
	if s.Account.Kind == "instagram" {
		b.Control(t, http.MethodPost, "meta/instagram/"+s.Account.ExternalID+"/media", object{"caption": "Buns"}, &made)
	} else {
		kind = "text"
		b.Control(t, http.MethodPost, "meta/posts", object{"page": s.Account.ExternalID, "message": "Buns"}, &made)
	}
	return connector.PublishedPost{Receipt: connector.Receipt{ExternalID: made.ID}, Kind: kind, At: time.Now()}
}

// retire is what a sandbox of one's own allows only: it is for all of its accounts.
func (b box) retire(t connectortest.T, names ...string) {
	t.Helper()
	b.Control(t, http.MethodPost, "meta/settings", object{"dead_metrics": names}, nil)
}

func (b box) report(s connector.Session) *connectortest.Report {
	return &connectortest.Report{
		Post: func(t connectortest.T) connector.PublishedPost { return b.plant(t, s) },
		Retire: func(t connectortest.T) []connector.MetricName {
			b.retire(t, "post_clicks", "page_views_total")
			return []connector.MetricName{connector.MetricClicks, connector.MetricProfileViews}
		},
		Small: func(t connectortest.T) (connector.Session, connector.PublishedPost) {
			small, _ := b.session(t, object{"name": "Shed", "fans": 12})
			return small, b.plant(t, small)
		},
	}
}

func (b instagramBox) report(s connector.Session) *connectortest.Report {
	return &connectortest.Report{
		Post: func(t connectortest.T) connector.PublishedPost { return b.plant(t, s) },
		Retire: func(t connectortest.T) []connector.MetricName {
			b.retire(t, "saved", "accounts_engaged")
			return []connector.MetricName{connector.MetricSaves, connector.MetricPeople}
		},
		Small: func(t connectortest.T) (connector.Session, connector.PublishedPost) {
			small, _ := b.sessionWith(t, object{"name": "Shed", "instagram": true, "fans": 12})
			return small, b.plant(t, small)
		},
	}
}

type seenComment struct {
	ID      string `json:"id"`
	Parent  string `json:"parent_id"`
	Message string `json:"message"`
	Hidden  bool   `json:"is_hidden"`
	Own     bool   `json:"own"`
}

func (b box) moderation(s connector.Session) *connectortest.Moderation {
	return &connectortest.Moderation{
		Post: func(t connectortest.T) connector.Receipt { return b.plant(t, s).Receipt },
		Fan: func(t connectortest.T, post, parent, name, text string) string {
			var made struct {
				ID string `json:"id"`
			}
			b.Control(t, http.MethodPost, "meta/comments", object{"post": post, "parent": parent, "name": name, "message": text, "share": true}, &made)
			return made.ID
		},
		Seen: func(t connectortest.T, post string) []connectortest.SeenComment {
			type shown struct {
				ID       string        `json:"id"`
				Comments []seenComment `json:"comments"`
			}
			var pages []struct {
				Posts []shown `json:"posts"`
			}
			b.Control(t, http.MethodGet, "meta/pages?page="+s.Account.ExternalID, nil, &pages)
			require.Len(t, pages, 1)
			for _, p := range pages[0].Posts {
				if p.ID == post {
					return seen(p.Comments)
				}
			}
			return nil
		},
	}
}

func (b instagramBox) moderation(s connector.Session) *connectortest.Moderation {
	m := b.box.moderation(s)
	m.Seen = func(t connectortest.T, post string) []connectortest.SeenComment {
		type shown struct {
			ID     string        `json:"id"`
			Thread []seenComment `json:"thread"`
		}
		var accounts []struct {
			Media []shown `json:"media"`
		}
		b.Control(t, http.MethodGet, "meta/instagram?id="+s.Account.ExternalID, nil, &accounts)
		require.Len(t, accounts, 1)
		for _, p := range accounts[0].Media {
			if p.ID == post {
				return seen(p.Thread)
			}
		}
		return nil
	}
	return m
}

func seen(comments []seenComment) []connectortest.SeenComment {
	out := []connectortest.SeenComment{}
	for _, c := range comments {
		out = append(out, connectortest.SeenComment{ID: c.ID, Parent: c.Parent, Text: c.Message, Own: c.Own, Hidden: c.Hidden})
	}
	return out
}
