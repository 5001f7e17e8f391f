package sandbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// fetchAllowed: the sandbox fetches from this machine and from the hosts it was told, nowhere else.
func (s *Sandbox) fetchAllowed(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback() || slices.Contains(s.cfg.FetchHosts, host)
}

// fetch gets a file for a platform that pulls media by URL: no login, no redirect to another host, and robots.txt
// must not bar the platform's agent. At most limit+1 bytes come back.
func (s *Sandbox) fetch(ctx context.Context, raw, agent string, limit int64) ([]byte, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return nil, errors.New("not a public http(s) URL")
	}
	if !s.fetchAllowed(u.Hostname()) {
		return nil, errors.New("the sandbox fetches only from this machine and from allowed hosts")
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	client := &http.Client{CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 5 || !s.fetchAllowed(r.URL.Hostname()) {
			return errors.New("redirect refused")
		}
		return nil
	}}
	defer client.CloseIdleConnections()
	robots := url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	if text, status, err := get(ctx, client, robots.String(), agent, 64<<10); err == nil && status == http.StatusOK && barred(text, agent, u.EscapedPath()) {
		return nil, errors.New("robots.txt bars " + agent)
	}
	data, status, err := get(ctx, client, raw, agent, limit+1)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("the URL answered %d", status)
	}
	return data, nil
}

func get(ctx context.Context, client *http.Client, u, agent string, limit int64) ([]byte, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, http.NoBody)
	if err != nil {
		return nil, 0, errors.New("not a URL")
	}
	req.Header.Set("User-Agent", agent)
	resp, err := client.Do(req)
	if err != nil {
		return nil, 0, errors.New("the URL cannot be reached")
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	if err != nil {
		return nil, 0, errors.New("the download ended early")
	}
	return data, resp.StatusCode, nil
}

// barred reads a robots.txt: the group of the agent decides, else the group "*".
func barred(text []byte, agent, path string) bool {
	name, _, _ := strings.Cut(strings.ToLower(agent), "/")
	rules := map[string][]string{}
	var group []string
	inRules := true
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "user-agent":
			if inRules {
				group, inRules = nil, false
			}
			value, _, _ = strings.Cut(strings.ToLower(value), "/")
			group = append(group, value)
			rules[value] = append(rules[value], "")
		case "disallow":
			inRules = true
			for _, g := range group {
				rules[g] = append(rules[g], value)
			}
		}
	}
	list, own := rules[name]
	if !own {
		list = rules["*"]
	}
	return slices.ContainsFunc(list, func(prefix string) bool { return prefix != "" && strings.HasPrefix(path, prefix) })
}
