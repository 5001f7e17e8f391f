package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// The demo member of a stack on a laptop.
const (
	DemoEmail    = "demo@herald.example"
	DemoPassword = "herald-demo-2026"
)

// signUpDemo makes the demo workspace over the HTTP API, unless the demo member can sign in already.
func (s *Stack) signUpDemo(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	zone := timeZone()
	status, body, err := s.post(ctx, "/v1/session", map[string]string{"email": DemoEmail, "password": DemoPassword, "time_zone": zone})
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		return nil
	}
	if status != http.StatusUnauthorized {
		return fmt.Errorf("sign-in of the demo member answered %d: %s", status, body)
	}
	status, body, err = s.post(ctx, "/v1/session/signup", map[string]string{
		"email": DemoEmail, "password": DemoPassword, "name": "Demo", "workspace": "Demo", "time_zone": zone,
	})
	if err != nil {
		return err
	}
	if status != http.StatusCreated {
		return fmt.Errorf("sign-up of the demo member answered %d: %s", status, body)
	}
	return nil
}

func (s *Stack) post(ctx context.Context, path string, v any) (status int, answer string, err error) {
	b, err := json.Marshal(v)
	if err != nil {
		return 0, "", err
	}
	// By address: the name localhost may not resolve in a container. The front door does not look at Host.
	url := fmt.Sprintf("http://127.0.0.1:%d%s", s.cfg.Ports.HTTP, path)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(b))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Timeout: 35 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	out, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	return res.StatusCode, string(out), err
}

// timeZone is the machine's IANA zone where it says so.
func timeZone() string {
	if tz := os.Getenv("TZ"); tz != "" {
		if _, err := time.LoadLocation(tz); err == nil && tz != "Local" {
			return tz
		}
	}
	return "Europe/Berlin"
}
