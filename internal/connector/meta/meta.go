// Package meta connects Facebook Pages, and the Instagram accounts linked to them, through Meta's Graph API.
//
// A person logs in with Facebook Login; the long-lived user token gives each Page's own token, which does not end by
// itself. Every call carries the token in a header, so that no URL holds it, and an appsecret_proof.
package meta

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/rest"
)

// What a Config uses where a field is empty.
const (
	DefaultGraphURL  = "https://graph.facebook.com"
	DefaultDialogURL = "https://www.facebook.com"
	DefaultUploadURL = "https://rupload.facebook.com"
	DefaultVideoURL  = "https://graph-video.facebook.com"
	DefaultVersion   = "v26.0"
)

// Platform is the name under which everything else knows this connector.
const Platform = "meta"

// Config is what a Connector is made of.
type Config struct {
	ClientID     string           // the Meta app's id
	ClientSecret connector.Secret // the Meta app's secret
	GraphURL     string           // without version; empty = DefaultGraphURL
	DialogURL    string           // without version; empty = DefaultDialogURL
	UploadURL    string           // where reels and stories are sent; empty = DefaultUploadURL, or the origin of another GraphURL
	VideoURL     string           // where other videos are sent, without version; empty = DefaultVideoURL, or another GraphURL
	Version      string           // "v26.0"; empty = DefaultVersion; of both hosts
	Instagram    InstagramApp     // of Instagram Login, which is left out without it
	HTTP         *http.Client     // used where a Session brings none; nil = a client of its own
	Timeout      time.Duration    // of one call; 0 = rest.DefaultTimeout. Uploads get four times as much.
	Log          *slog.Logger     // nil = none
	Now          func() time.Time // nil = time.Now
}

// Connector speaks with Meta.
type Connector struct {
	cfg       Config
	instagram bool // speaks with the host of Instagram Login, see via
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
)

// New refuses a configuration with which no call could succeed or a secret would travel unprotected.
func New(cfg Config) (*Connector, error) {
	cfg.GraphURL = rest.OrDefault(cfg.GraphURL, DefaultGraphURL)
	cfg.DialogURL = rest.OrDefault(cfg.DialogURL, DefaultDialogURL)
	if u, err := url.Parse(cfg.GraphURL); err == nil && cfg.GraphURL != DefaultGraphURL {
		cfg.UploadURL, cfg.VideoURL = rest.OrDefault(cfg.UploadURL, u.Scheme+"://"+u.Host), rest.OrDefault(cfg.VideoURL, cfg.GraphURL)
	}
	cfg.UploadURL, cfg.VideoURL = rest.OrDefault(cfg.UploadURL, DefaultUploadURL), rest.OrDefault(cfg.VideoURL, DefaultVideoURL)
	cfg.Version = rest.OrDefault(cfg.Version, DefaultVersion)
	cfg.Instagram.GraphURL = rest.OrDefault(cfg.Instagram.GraphURL, DefaultInstagramGraphURL)
	cfg.Instagram.TokenURL = rest.OrDefault(cfg.Instagram.TokenURL, DefaultInstagramTokenURL)
	cfg.Instagram.DialogURL = rest.OrDefault(cfg.Instagram.DialogURL, DefaultInstagramDialogURL)
	var errs []error
	if !regexp.MustCompile(`^[0-9]+$`).MatchString(cfg.ClientID) {
		errs = append(errs, errors.New("the client id must be the Meta app's number"))
	}
	if cfg.ClientSecret.Empty() {
		errs = append(errs, errors.New("the client secret is empty"))
	}
	if id := cfg.Instagram.ClientID; id != "" && (!regexp.MustCompile(`^[0-9]+$`).MatchString(id) || cfg.Instagram.ClientSecret.Empty()) {
		errs = append(errs, errors.New("the Instagram app needs its number and its secret"))
	}
	if !regexp.MustCompile(`^v[0-9]+\.[0-9]+$`).MatchString(cfg.Version) {
		errs = append(errs, errors.New(`the version must look like "v26.0"`))
	}
	errs = append(errs, rest.CheckURL("graph URL", cfg.GraphURL), rest.CheckURL("dialog URL", cfg.DialogURL), rest.CheckURL("upload URL", cfg.UploadURL), rest.CheckURL("video URL", cfg.VideoURL),
		rest.CheckURL("Instagram graph URL", cfg.Instagram.GraphURL), rest.CheckURL("Instagram token URL", cfg.Instagram.TokenURL), rest.CheckURL("Instagram dialog URL", cfg.Instagram.DialogURL))
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("meta: %w", err)
	}
	cfg.HTTP, cfg.Log, cfg.Now = rest.Defaults(cfg.HTTP, cfg.Log, cfg.Now)
	return &Connector{cfg: cfg}, nil
}

// client is the HTTP side of one call, which sentences call title; h overrides the connector's own client.
func (c *Connector) client(h *http.Client, title string) *rest.Client {
	return &rest.Client{HTTP: cmp.Or(h, c.cfg.HTTP), Platform: Platform, Title: title, Log: c.cfg.Log, Now: c.cfg.Now, Timeout: c.cfg.Timeout}
}

// proof is the appsecret_proof of a token: it shows that the call comes from a server that knows the app's secret.
// https://developers.facebook.com/docs/graph-api/guides/secure-requests
func (c *Connector) proof(token connector.Secret) string {
	mac := hmac.New(sha256.New, []byte(c.cfg.ClientSecret.Reveal()))
	mac.Write([]byte(token.Reveal()))
	return hex.EncodeToString(mac.Sum(nil))
}
