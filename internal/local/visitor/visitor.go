// Package visitor is a member of a workspace who speaks HTTP with the running stack: tests and benchmarks come and go
// through it as a browser or a client of the API does.
package visitor

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/herald-publishing/herald/internal/local/stack"
)

// Visitor is signed in to a workspace of its own.
type Visitor struct {
	Info   stack.Info
	HTTP   *http.Client
	Email  string
	Cookie string // name=value
	CSRF   string
	Tenant string
}

// Page is a Page of a person of the sandbox.
type Page struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Answer is a complete HTTP answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Into decodes the body.
func (a Answer) Into(out any) error { return json.Unmarshal(a.Body, out) }

// ID is a new lower-case ULID.
func ID() string { return strings.ToLower(ulid.Make().String()) }

// password meets the user pool's rules.
const password = "Visitor-of-2026"

// New is a visitor who is not signed in.
func New(info stack.Info) *Visitor {
	return &Visitor{Info: info, Email: "visitor-" + ID() + "@herald.example", HTTP: &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 256},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// SignUp makes a workspace.
func SignUp(ctx context.Context, info stack.Info) (*Visitor, error) {
	v := New(info)
	var s struct {
		CSRF      string              `json:"csrf_token"`
		Workspace struct{ ID string } `json:"workspace"`
	}
	a, err := v.Must(ctx, http.MethodPost, info.URL+"/v1/session/signup", map[string]any{
		"email": v.Email, "password": password, "name": "Kim Visitor", "workspace": "Visitors", "time_zone": "Europe/Berlin",
	})
	if err != nil {
		return nil, err
	}
	if err := a.Into(&s); err != nil {
		return nil, err
	}
	cookie, _, _ := strings.Cut(a.Header.Get("Set-Cookie"), ";")
	v.Cookie, v.CSRF, v.Tenant = cookie, s.CSRF, s.Workspace.ID
	return v, nil
}

// API calls a path of Herald's API with the session, and with a fresh Idempotency-Key on a POST.
func (v *Visitor) API(ctx context.Context, method, path string, in any) (Answer, error) {
	return v.Send(ctx, method, v.Info.URL+path, in, http.Header{"Idempotency-Key": {ID()}})
}

// Must is Send for calls that have to succeed.
func (v *Visitor) Must(ctx context.Context, method, target string, in any) (Answer, error) {
	a, err := v.Send(ctx, method, target, in, http.Header{"Idempotency-Key": {ID()}})
	if err == nil && a.Status >= http.StatusBadRequest {
		err = fmt.Errorf("visitor: %s %s: %d: %s", method, target, a.Status, a.Body)
	}
	return a, err
}

// Send makes one request. in is encoded as JSON, unless it is a []byte.
func (v *Visitor) Send(ctx context.Context, method, target string, in any, header http.Header) (Answer, error) {
	var body io.Reader
	switch x := in.(type) {
	case nil:
	case []byte:
		body = bytes.NewReader(x)
	default:
		b, err := json.Marshal(in)
		if err != nil {
			return Answer{}, err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return Answer{}, err
	}
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Content-Type", "application/json")
	if strings.HasPrefix(target, v.Info.URL+"/") && v.Cookie != "" {
		r.Header.Set("Cookie", v.Cookie)
		r.Header.Set("X-Csrf-Token", v.CSRF)
	}
	resp, err := v.HTTP.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: b}, err
}

// Seed makes a person on the sandbox with Pages.
func (v *Visitor) Seed(ctx context.Context, pages ...string) (person string, made []Page, err error) {
	a, err := v.Must(ctx, http.MethodPost, v.Info.Sandbox+"/_sandbox/meta/seed", map[string]any{"person": "Kim " + ID()[20:], "pages": pages})
	if err != nil {
		return "", nil, err
	}
	var out struct {
		Person Page
		Pages  []Page
	}
	err = a.Into(&out)
	return out.Person.ID, out.Pages, err
}

// Start begins a consent with Meta's first login and gives the platform's dialog.
func (v *Visitor) Start(ctx context.Context) (dialog string, err error) {
	return v.start(ctx, "meta", "")
}

func (v *Visitor) start(ctx context.Context, platform, login string) (dialog string, err error) {
	q := url.Values{"return_to": {"/accounts"}}
	if login != "" {
		q.Set("login", login)
	}
	a, err := v.Must(ctx, http.MethodGet, v.Info.URL+"/v1/oauth/"+platform+"/start?"+q.Encode(), nil)
	return a.Header.Get("Location"), err
}

// Login answers the dialog and gives the callback's address. more adds to the answer: deny, decline.
func (v *Visitor) Login(ctx context.Context, dialog, person string, pages []Page, more map[string]any) (callback string, err error) {
	var ids []string
	for _, p := range pages {
		ids = append(ids, p.ID)
	}
	return v.login(ctx, "meta/login", dialog, person, ids, more)
}

func (v *Visitor) login(ctx context.Context, control, dialog, person string, accounts []string, more map[string]any) (callback string, err error) {
	in := map[string]any{"url": dialog}
	if person != "" {
		in["person"] = person
	}
	if accounts != nil {
		in["accounts"] = accounts
	}
	maps.Copy(in, more)
	a, err := v.Must(ctx, http.MethodPost, v.Info.Sandbox+"/_sandbox/"+control, in)
	if err != nil {
		return "", err
	}
	var out struct{ Location string }
	err = a.Into(&out)
	return out.Location, err
}

// Connect goes through the whole consent and links every Page. The connections come in the order of the Pages.
func (v *Visitor) Connect(ctx context.Context, person string, pages []Page) (connections []string, err error) {
	var ids []string
	for _, p := range pages {
		ids = append(ids, p.ID)
	}
	linked, err := v.ConnectAt(ctx, "meta", person, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if linked[id] == "" {
			return nil, errors.New("visitor: not every Page was linked")
		}
		connections = append(connections, linked[id])
	}
	return connections, nil
}

// ConnectAt goes through the whole consent of a platform's first login and links whatever is found. It gives the connections
// by the accounts' ids at the platform. accounts are those to let the app into, where the dialog asks; nil = all.
func (v *Visitor) ConnectAt(ctx context.Context, platform, person string, accounts []string) (connections map[string]string, err error) {
	dialog, err := v.start(ctx, platform, "")
	if err != nil {
		return nil, err
	}
	callback, err := v.login(ctx, platform+"/login", dialog, person, accounts, nil)
	if err != nil {
		return nil, err
	}
	back, err := v.Must(ctx, http.MethodGet, callback, nil)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(back.Header.Get("Location"))
	if err != nil || !strings.HasPrefix(u.Path, "/connect/") {
		return nil, fmt.Errorf("visitor: the callback led to %q", back.Header.Get("Location"))
	}
	grant := strings.TrimPrefix(u.Path, "/connect/")
	a, err := v.Must(ctx, http.MethodGet, v.Info.URL+"/v1/oauth/grants/"+grant, nil)
	if err != nil {
		return nil, err
	}
	var g struct {
		Accounts []struct {
			CandidateID string `json:"candidate_id"`
			Usable      bool   `json:"usable"`
		}
	}
	if err := a.Into(&g); err != nil {
		return nil, err
	}
	var candidates []string
	for _, c := range g.Accounts {
		if c.Usable {
			candidates = append(candidates, c.CandidateID)
		}
	}
	a, err = v.Must(ctx, http.MethodPost, v.Info.URL+"/v1/connections", map[string]any{"grant_id": grant, "candidate_ids": candidates})
	if err != nil {
		return nil, err
	}
	var linked struct {
		Items []struct {
			ID         string `json:"id"`
			ExternalID string `json:"external_id"`
		}
	}
	if err := a.Into(&linked); err != nil {
		return nil, err
	}
	connections = map[string]string{}
	for _, c := range linked.Items {
		connections[c.ExternalID] = c.ID
	}
	return connections, nil
}

// SandboxPost is what a fake Page shows.
type SandboxPost struct {
	ID       string            `json:"id"`
	Message  string            `json:"message"`
	Photos   []json.RawMessage `json:"photos"`
	Kind     string            `json:"kind"` // "Reel"; empty = an ordinary post
	Comments []struct {
		Message string `json:"message"`
	} `json:"comments"`
	Permalink string `json:"permalink_url"`
}

// Timeline reads a fake Page, oldest first.
func (v *Visitor) Timeline(ctx context.Context, page string) ([]SandboxPost, error) {
	a, err := v.Must(ctx, http.MethodGet, v.Info.Sandbox+"/_sandbox/meta/pages?page="+page, nil)
	if err != nil {
		return nil, err
	}
	var pages []struct {
		Posts []SandboxPost `json:"posts"`
	}
	if err := a.Into(&pages); err != nil || len(pages) != 1 {
		return nil, fmt.Errorf("visitor: no such Page: %w", err)
	}
	return pages[0].Posts, nil
}
