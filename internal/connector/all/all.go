// Package all is the list of connectors. A new platform is one entry here.
package all

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/meta"
)

// Config is what the connectors are made of.
type Config struct {
	Platforms []string // names of those that are switched on; an unknown name is an error
	// Credentials gives the app's id and secret at a platform. An empty id leaves the platform out: its operator has
	// not registered an app yet.
	Credentials func(platform string) (clientID string, clientSecret connector.Secret, err error)
	// Get reads a platform's further settings, e.g. META_GRAPH_URL; empty = the platform's own default. nil = none.
	Get  func(key string) string
	HTTP *http.Client
	Log  *slog.Logger
	Now  func() time.Time
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
	make func(Config, string, connector.Secret) (connector.Connector, error)
}

func entries() []entry {
	return []entry{
		{meta.Info, (*meta.Connector)(nil), func(c Config, id string, secret connector.Secret) (connector.Connector, error) {
			return meta.New(meta.Config{
				ClientID: id, ClientSecret: secret, HTTP: c.HTTP, Log: c.Log, Now: c.Now,
				GraphURL: c.Get("META_GRAPH_URL"), DialogURL: c.Get("META_DIALOG_URL"), Version: c.Get("META_API_VERSION"),
			})
		}},
	}
}

// Platforms describes every platform there is, in the order in which they are offered.
func Platforms() []Platform {
	var list []Platform
	for _, e := range entries() {
		list = append(list, Platform{Info: e.info(), Capabilities: connector.CapabilitiesOf(e.none)})
	}
	return list
}

// Infos is the pure data of every platform there is.
func Infos() []connector.Info {
	var list []connector.Info
	for _, p := range Platforms() {
		list = append(list, p.Info)
	}
	return list
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
		id, secret, err := cfg.Credentials(name)
		if err != nil {
			errs = append(errs, fmt.Errorf("all: %s: %w", name, err))
			continue
		}
		if id == "" {
			continue
		}
		c, err := e.make(cfg, id, secret)
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
