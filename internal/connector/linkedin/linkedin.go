// Package linkedin connects member profiles and organization pages through LinkedIn's versioned API.
//
// There are two logins, because LinkedIn gives an app either the Community Management API or its self-serve products. The
// first reaches a member and the pages that the member may post to; the second only the member, and reads nothing back.
// One access token is the person's, for every account of theirs.
package linkedin

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/rest"
)

// What a Config uses where a field is empty.
const (
	DefaultAPIURL   = "https://api.linkedin.com"
	DefaultOAuthURL = "https://www.linkedin.com"
	DefaultVersion  = "202609"
)

// Platform is the name under which everything else knows this connector.
const Platform = "linkedin"

// App is an app in LinkedIn's developer portal.
type App struct {
	ClientID     string
	ClientSecret connector.Secret
}

// Config is what a Connector is made of.
type Config struct {
	App                       // with the Community Management API
	Personal App              // with Sign In with LinkedIn and Share on LinkedIn; without it that login is left out
	APIURL   string           // empty = DefaultAPIURL
	OAuthURL string           // empty = DefaultOAuthURL
	Version  string           // "202609"; empty = DefaultVersion
	HooksURL string           // where webhooks are to go; empty = none are asked for
	AppID    string           // the app's number, which a subscription to webhooks names; empty = there are none
	HTTP     *http.Client     // used where a Session brings none; nil = a client of its own
	Timeout  time.Duration    // of one call; 0 = rest.DefaultTimeout. Uploads get four times as much.
	Log      *slog.Logger     // nil = none
	Now      func() time.Time // nil = time.Now
}

// Connector speaks with LinkedIn.
type Connector struct {
	cfg      Config
	throttle *throttle
}

// The compile-time list of what the connector can do.
var (
	_ connector.Connector       = (*Connector)(nil)
	_ connector.CandidateLister = (*Connector)(nil)
	_ connector.Deleter         = (*Connector)(nil)
	_ connector.Editor          = (*Connector)(nil)
	_ connector.Revoker         = (*Connector)(nil)
	_ connector.Refresher       = (*Connector)(nil)
	_ connector.Inspector       = (*Connector)(nil)
	_ connector.Reporter        = (*Connector)(nil)
	_ connector.Moderator       = (*Connector)(nil)
	_ connector.Webhooks        = (*Connector)(nil)
	_ connector.Subscriber      = (*Connector)(nil)
	_ connector.Unsubscriber    = (*Connector)(nil)
)

// New refuses a configuration with which no call could succeed or a secret would travel unprotected.
func New(cfg Config) (*Connector, error) {
	cfg.APIURL, cfg.OAuthURL = rest.OrDefault(cfg.APIURL, DefaultAPIURL), rest.OrDefault(cfg.OAuthURL, DefaultOAuthURL)
	cfg.Version = rest.OrDefault(cfg.Version, DefaultVersion)
	var errs []error
	if !clientID().MatchString(cfg.ClientID) || cfg.ClientSecret.Empty() {
		errs = append(errs, errors.New("the app needs its client id and its client secret"))
	}
	if id := cfg.Personal.ClientID; id != "" && (!clientID().MatchString(id) || cfg.Personal.ClientSecret.Empty()) {
		errs = append(errs, errors.New("the app of the login personal needs its client id and its client secret"))
	}
	if !regexp.MustCompile(`^20[0-9]{4}(\.[0-9]{1,2})?$`).MatchString(cfg.Version) {
		errs = append(errs, errors.New(`the version must look like "202609"`))
	}
	if cfg.AppID != "" && !regexp.MustCompile(`^[0-9]+$`).MatchString(cfg.AppID) {
		errs = append(errs, errors.New("the app id must be a number"))
	}
	errs = append(errs, rest.CheckURL("API URL", cfg.APIURL), rest.CheckURL("OAuth URL", cfg.OAuthURL))
	if cfg.HooksURL != "" {
		errs = append(errs, rest.CheckURL("webhooks URL", cfg.HooksURL))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("linkedin: %w", err)
	}
	cfg.HTTP, cfg.Log, cfg.Now = rest.Defaults(cfg.HTTP, cfg.Log, cfg.Now)
	return &Connector{cfg: cfg, throttle: &throttle{}}, nil
}

func clientID() *regexp.Regexp { return regexp.MustCompile(`^[0-9A-Za-z]+$`) }

// client is the HTTP side of one call; h overrides the connector's own client.
func (c *Connector) client(h *http.Client) *rest.Client {
	return &rest.Client{HTTP: cmp.Or(h, c.cfg.HTTP), Platform: Platform, Title: title, Log: c.cfg.Log, Now: c.cfg.Now, Timeout: c.cfg.Timeout}
}

// app is the one of a login.
func (c *Connector) app(login string) App {
	if login == loginPersonal {
		return c.cfg.Personal
	}
	return c.cfg.App
}

// mayUpload tells whether bytes and a token may go to an address that came in an answer: to LinkedIn's own hosts, or to
// the origin that the operator has configured.
func (c *Connector) mayUpload(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Host == "" {
		return false
	}
	if u.Scheme == "https" && (u.Hostname() == "linkedin.com" || strings.HasSuffix(u.Hostname(), ".linkedin.com")) && u.Port() == "" {
		return true
	}
	for _, own := range []string{c.cfg.APIURL, c.cfg.OAuthURL} {
		if o, err := url.Parse(own); err == nil && o.Scheme == u.Scheme && o.Host == u.Host {
			return true
		}
	}
	return false
}
