// Package tiktok connects TikTok accounts through Login Kit, the Content Posting API and the Display API, version 2.
//
// A video is sent in chunks to an address that one call gives, and TikTok begins to post it when the last byte is there: a
// first call whose answer was lost posts nothing. Photos are fetched by TikTok from addresses on our own host, and there the
// first call is the post. Nothing can be deleted or edited through the API.
package tiktok

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
	DefaultAPIURL    = "https://open.tiktokapis.com"
	DefaultDialogURL = "https://www.tiktok.com"
)

// Platform is the name under which everything else knows this connector.
const Platform = "tiktok"

// title is how sentences for people name the other side.
const title = "TikTok"

// uploadDomain is below which the addresses lie that take a video's bytes.
// https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide
const uploadDomain = "tiktokapis.com"

// Config is what a Connector is made of.
type Config struct {
	ClientID     string           // the app's client key
	ClientSecret connector.Secret // the app's client secret
	// OldSecret is the client secret before it was changed; empty = none. TikTok delivers for 72 hours what it has signed with it.
	OldSecret connector.Secret
	APIURL    string // without version; empty = DefaultAPIURL
	DialogURL string // of the consent page and of posts; empty = DefaultDialogURL
	// Audited: the app has passed the audit without which it posts to private accounts only, seen by their owners only.
	Audited bool
	// DailyPosts is how many posts an account gets in 24 hours at most, drafts aside; 0 = DefaultDailyPosts.
	DailyPosts int
	HTTP       *http.Client     // used where a Session brings none; nil = a client of its own
	Timeout    time.Duration    // of one call; 0 = rest.DefaultTimeout. Uploads take as long as the invocation lets them.
	Log        *slog.Logger     // nil = none
	Now        func() time.Time // nil = time.Now
}

// Connector speaks with TikTok.
type Connector struct{ cfg Config }

// The compile-time list of what the connector can do.
var (
	_ connector.Connector       = (*Connector)(nil)
	_ connector.CandidateLister = (*Connector)(nil)
	_ connector.Offerer         = (*Connector)(nil)
	_ connector.Refresher       = (*Connector)(nil)
	_ connector.Reporter        = (*Connector)(nil)
	_ connector.Revoker         = (*Connector)(nil)
	_ connector.Webhooks        = (*Connector)(nil)
)

// New refuses a configuration with which no call could succeed or a secret would travel unprotected.
func New(cfg Config) (*Connector, error) {
	cfg.APIURL = rest.OrDefault(cfg.APIURL, DefaultAPIURL)
	cfg.DialogURL = rest.OrDefault(cfg.DialogURL, DefaultDialogURL)
	var errs []error
	if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(cfg.ClientID) {
		errs = append(errs, errors.New("the client id must be the TikTok app's client key"))
	}
	if cfg.ClientSecret.Empty() {
		errs = append(errs, errors.New("the client secret is empty"))
	}
	if cfg.DailyPosts == 0 {
		cfg.DailyPosts = DefaultDailyPosts
	}
	if cfg.DailyPosts < 1 || cfg.DailyPosts > 100 {
		errs = append(errs, errors.New("the posts a day must be 1 to 100"))
	}
	errs = append(errs, rest.CheckURL("API URL", cfg.APIURL), rest.CheckURL("dialog URL", cfg.DialogURL))
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("tiktok: %w", err)
	}
	cfg.HTTP, cfg.Log, cfg.Now = rest.Defaults(cfg.HTTP, cfg.Log, cfg.Now)
	return &Connector{cfg: cfg}, nil
}

// client is the HTTP side of one call; h overrides the connector's own client.
func (c *Connector) client(h *http.Client) *rest.Client {
	return &rest.Client{HTTP: cmp.Or(h, c.cfg.HTTP), Platform: Platform, Title: title, Log: c.cfg.Log, Now: c.cfg.Now, Timeout: c.cfg.Timeout}
}

// takesBytes tells whether an address may get a video: it lies at TikTok, or where the API is configured to be.
func (c *Connector) takesBytes(raw string) bool {
	u, err := url.Parse(raw)
	api, aerr := url.Parse(c.cfg.APIURL)
	if err != nil || aerr != nil || u.User != nil {
		return false
	}
	if u.Scheme == api.Scheme && u.Host == api.Host {
		return true
	}
	return u.Scheme == "https" && u.Port() == "" && (u.Hostname() == uploadDomain || strings.HasSuffix(u.Hostname(), "."+uploadDomain))
}
