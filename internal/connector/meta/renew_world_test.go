package meta_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/connectortest"
)

// renewals are accounts of both logins. Each has a sandbox to itself, for it moves the clock.
func renewals(t *testing.T) map[string]func(connectortest.T) connectortest.Renewable {
	t.Helper()
	page := func(own object) func(connectortest.T) connectortest.Renewable {
		return func(ct connectortest.T) connectortest.Renewable {
			b := instagramBox{box: startSandbox(t)}
			var s connector.Session
			var who named
			if own["instagram"] == true {
				s, who = b.sessionWith(ct, own)
			} else {
				s, who = b.box.session(ct, own)
			}
			return connectortest.Renewable{
				URL: b.URL + "/meta/graph", Session: s, Pass: b.Pass,
				Revoke: func(ct connectortest.T) {
					b.Control(ct, http.MethodPost, "meta/people/"+who.ID+"/revoke", object{}, nil)
				},
				Due: 54 * day, Ends: 60 * day, // of the person's login; the Page's token has no end of its own
			}
		}
	}
	return map[string]func(connectortest.T) connectortest.Renewable{
		"Page":                        page(object{"name": "Cafe"}),
		"Instagram by Facebook Login": page(object{"name": "Cafe", "instagram": true}),
		"Instagram by its own login": func(ct connectortest.T) connectortest.Renewable {
			b := instagramBox{box: startSandbox(t)}
			id := b.account(ct)
			var made struct{ Token string }
			b.Control(ct, http.MethodPost, "meta/instagram-token", object{"account": id}, &made)
			require.NotEmpty(ct, made.Token)
			return connectortest.Renewable{
				URL: b.URL + "/meta/graph", Pass: b.Pass,
				Session: connector.Session{
					Account:    connector.Account{Kind: "instagram", Login: byInstagram, ExternalID: id, ExpiresAt: time.Now().Add(60 * day)},
					Credential: connector.Credential{Access: connector.NewSecret(made.Token)},
				},
				Revoke: func(ct connectortest.T) {
					b.Control(ct, http.MethodPost, "meta/instagram/"+id+"/revoke", object{}, nil)
				},
				Young: day, Due: 50 * day, Ends: 60 * day,
			}
		},
	}
}
