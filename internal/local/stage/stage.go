// Package stage is what tests and benchmarks need to know of each platform of the sandbox: the settings that lead to it, how
// to come to an account there, and what the account then shows. The kinds of account and of post come from the connector's
// own description. A new platform is one entry in All.
package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/connector/all"
)

// Platform is one platform on the sandbox.
type Platform struct {
	Name   string // "meta"
	Secret string // the stack's output that names the app's secret
	// Settings are the environment variables that lead a function to the sandbox at an origin.
	Settings func(origin string) []string
	// Seed makes an account of a kind that nobody else uses, and gives the app access to it as a login does; an empty login is
	// the platform's first.
	Seed func(ctx context.Context, b Box, kind, login string) (Account, error)
	// Consent is what a person says to the platform's dialog to let the app into an account: who it is, and which accounts; nil
	// = whatever the dialog offers.
	Consent func(a Account) (person string, accounts []string)
	// Posts are what an account shows, whoever may see it.
	Posts func(ctx context.Context, b Box, kind, account string) ([]Post, error)
	// Options are those that a post of a kind cannot be without; nil = none.
	Options func(ctx context.Context, b Box, kind string) (map[string]any, error)
	// Tells: by webhook, of what becomes of a post. A post whose making was never answered may be found by that alone.
	Tells bool
	// Logins are the logins beside the first one, each with the kind of post that is enough to prove it.
	Logins map[string]string
}

// Account is who posts.
type Account struct {
	ID         string // at the platform
	Person     string // who lets the app in
	Data       map[string]string
	Credential connector.Credential
}

// Post is what an account shows.
type Post struct {
	ID    string
	Names []string // what a receipt may call it by
	Text  string
}

// All are the platforms of the sandbox.
func All() []Platform { return []Platform{meta(), linkedin(), tiktok()} }

// Of finds a platform.
func Of(name string) (Platform, error) {
	i := slices.IndexFunc(All(), func(p Platform) bool { return p.Name == name })
	if i < 0 {
		return Platform{}, fmt.Errorf("stage: nothing is known of %q: add it to internal/local/stage", name)
	}
	return All()[i], nil
}

// Way is one way to publish: a kind of post on a kind of account, with a login.
type Way struct {
	Platform Platform
	Account  string // its kind
	Kind     connector.PostKind
	Login    string // empty = the platform's first
}

// String names the way.
func (w Way) String() string {
	return strings.TrimSpace(w.Platform.Name + " " + w.Account + " " + w.Kind.Kind + " " + w.Login)
}

// Ways are all kinds of post on all kinds of account of all platforms that have a connector.
func Ways() ([]Way, error) {
	var out []Way
	for _, info := range all.Infos() {
		p, err := Of(info.Platform)
		if err != nil {
			return nil, err
		}
		for _, of := range info.Accounts {
			for _, kind := range of.Posts {
				out = append(out, Way{Platform: p, Account: of.Kind, Kind: kind})
				for _, login := range info.Logins[1:] {
					if p.Logins[login.ID] == kind.Kind && slices.Contains(login.Accounts, of.Kind) {
						out = append(out, Way{Platform: p, Account: of.Kind, Kind: kind, Login: login.ID})
					}
				}
			}
		}
	}
	return out, nil
}

// Find is the way of a kind of post on a kind of account.
func Find(platform, account, kind string) (Way, error) {
	ways, err := Ways()
	for _, w := range ways {
		if w.Platform.Name == platform && w.Account == account && w.Kind.Kind == kind {
			return w, nil
		}
	}
	return Way{}, fmt.Errorf("stage: %s has no %s on %s: %w", platform, kind, account, err)
}

// Files are the types of the files of a post of this kind, as few as is allowed, and two where there can be several.
func (w Way) Files() [][]string {
	var out [][]string
	limits := w.Kind.Media.Files
	for i := range min(w.Kind.Media.Max, max(w.Kind.Media.Min, 2)) {
		out = append(out, limits[len(limits)-1-i%len(limits)].Types)
	}
	return out
}

// Options are those that a post of this way cannot be without.
func (w Way) Options(ctx context.Context, b Box) (map[string]any, error) {
	if w.Platform.Options == nil {
		return nil, nil //nolint:nilnil // no options
	}
	return w.Platform.Options(ctx, b, w.Kind.Kind)
}

// Box is the control API of a running sandbox.
type Box struct{ URL string }

// Get reads a path.
func (b Box) Get(ctx context.Context, path string, out any) error {
	return b.do(ctx, http.MethodGet, path, nil, out)
}

// Post sends JSON; out may be nil.
func (b Box) Post(ctx context.Context, path string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return b.do(ctx, http.MethodPost, path, raw, out)
}

func (b Box) do(ctx context.Context, method, path string, body []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, b.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: time.Minute}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("stage: %s %s: %d: %s", method, path, resp.StatusCode, raw)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}
