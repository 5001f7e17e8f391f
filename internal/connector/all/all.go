// Package all is the list of connectors. A new platform is one entry here.
package all

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/linkedin"
	"github.com/herald-publishing/herald/internal/connector/meta"
	"github.com/herald-publishing/herald/internal/connector/tiktok"
)

// Config is what the connectors are made of.
type Config struct {
	Platforms []string // names of those that are switched on; an unknown name is an error
	// Credentials gives the apps that are registered at a platform. An empty id leaves the platform out: its operator has
	// not registered an app yet.
	Credentials func(platform string) (Apps, error)
	// Get reads a platform's further settings, e.g. META_GRAPH_URL; empty = the platform's own default. nil = none.
	Get  func(key string) string
	HTTP *http.Client
	Log  *slog.Logger
	Now  func() time.Time
}

// App is what a platform knows Herald by.
type App struct {
	ClientID     string
	ClientSecret connector.Secret
	OldSecret    connector.Secret // before it was changed; empty = none, and most platforms have no use for it
}

// Apps are those at one platform: the one of its first login, and of further logins those that need another one.
type Apps struct {
	App
	Logins map[string]App // by connector.Login's id; a login that is missing is not offered
}

// Platform is what can be known about a platform without credentials.
type Platform struct {
	Info         connector.Info
	Capabilities connector.Capabilities
}

// entry is one platform: its description and its constructor.
type entry struct {
	info func() connector.Info
	none connector.Connector // a typed nil: what the connector can do is in its type
	make func(Config, Apps) (connector.Connector, error)
}

func entries() []entry {
	return []entry{
		{meta.Info, (*meta.Connector)(nil), func(c Config, apps Apps) (connector.Connector, error) {
			return meta.New(meta.Config{
				ClientID: apps.ClientID, ClientSecret: apps.ClientSecret, HTTP: c.HTTP, Log: c.Log, Now: c.Now,
				GraphURL: c.Get("META_GRAPH_URL"), DialogURL: c.Get("META_DIALOG_URL"), Version: c.Get("META_API_VERSION"),
				Instagram: meta.InstagramApp{
					ClientID: apps.Logins["instagram"].ClientID, ClientSecret: apps.Logins["instagram"].ClientSecret,
					GraphURL: c.Get("META_INSTAGRAM_GRAPH_URL"), TokenURL: c.Get("META_INSTAGRAM_TOKEN_URL"), DialogURL: c.Get("META_INSTAGRAM_DIALOG_URL"),
				},
			})
		}},
		{linkedin.Info, (*linkedin.Connector)(nil), func(c Config, apps Apps) (connector.Connector, error) {
			return linkedin.New(linkedin.Config{
				App:      linkedin.App{ClientID: apps.ClientID, ClientSecret: apps.ClientSecret},
				Personal: linkedin.App{ClientID: apps.Logins["personal"].ClientID, ClientSecret: apps.Logins["personal"].ClientSecret},
				APIURL:   c.Get("LINKEDIN_API_URL"), OAuthURL: c.Get("LINKEDIN_OAUTH_URL"), Version: c.Get("LINKEDIN_API_VERSION"),
				HooksURL: c.Get("LINKEDIN_HOOKS_URL"), AppID: c.Get("LINKEDIN_APP_ID"), HTTP: c.HTTP, Log: c.Log, Now: c.Now,
			})
		}},
		{tiktok.Info, (*tiktok.Connector)(nil), func(c Config, apps Apps) (connector.Connector, error) {
			most, err := number(c, "TIKTOK_DAILY_POSTS")
			if err != nil {
				return nil, err
			}
			return tiktok.New(tiktok.Config{
				DailyPosts: most,
				ClientID:   apps.ClientID, ClientSecret: apps.ClientSecret, OldSecret: apps.OldSecret, HTTP: c.HTTP, Log: c.Log, Now: c.Now,
				APIURL: c.Get("TIKTOK_API_URL"), DialogURL: c.Get("TIKTOK_DIALOG_URL"), Audited: c.Get("TIKTOK_AUDITED") == "true",
			})
		}},
	}
}

// number reads a setting that is a number; empty = 0.
func number(c Config, key string) (int, error) {
	text := c.Get(key)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s is no number", key)
	}
	return n, nil
}

// Platforms describes every platform there is, in the order in which they are offered.
func Platforms() []Platform {
	var list []Platform
	for _, e := range entries() {
		list = append(list, Platform{Info: e.info(), Capabilities: connector.CapabilitiesOf(e.none)})
	}
	return list
}

// Offered is a description without the logins that the operator has not switched on: the setting <PLATFORM>_LOGINS lists
// those that are, with commas; empty = all.
func Offered(i connector.Info, get func(key string) string) connector.Info {
	on := strings.FieldsFunc(get(strings.ToUpper(i.Platform)+"_LOGINS"), func(r rune) bool { return r == ',' || r == ' ' })
	if len(on) > 0 {
		i.Logins = slices.DeleteFunc(slices.Clone(i.Logins), func(l connector.Login) bool { return !slices.Contains(on, l.ID) })
	}
	return i
}

// Infos is the pure data of every platform there is.
func Infos() []connector.Info {
	var list []connector.Info
	for _, p := range Platforms() {
		list = append(list, p.Info)
	}
	return list
}

// Offering are the platforms that say of each account what it takes.
func Offering() map[string]bool {
	set := map[string]bool{}
	for _, p := range Platforms() {
		set[p.Info.Platform] = p.Capabilities.Offers
	}
	return set
}

// Connectors makes the connectors that are switched on and have credentials, by platform.
func Connectors(cfg Config) (map[string]connector.Connector, error) {
	if cfg.Get == nil {
		cfg.Get = func(string) string { return "" }
	}
	known := map[string]entry{}
	for _, e := range entries() {
		known[e.info().Platform] = e
	}
	made := map[string]connector.Connector{}
	var errs []error
	for _, name := range cfg.Platforms {
		e, ok := known[name]
		if !ok {
			errs = append(errs, fmt.Errorf("all: there is no platform %q", name))
			continue
		}
		apps, err := cfg.Credentials(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("all: %s: %w", name, err))
			continue
		}
		if apps.ClientID == "" {
			continue
		}
		c, err := e.make(cfg, apps)
		if err != nil {
			errs = append(errs, fmt.Errorf("all: %w", err))
			continue
		}
		made[name] = c
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return made, nil
}
