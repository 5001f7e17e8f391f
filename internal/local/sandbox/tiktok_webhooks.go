package sandbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tiktokRetryFor is how long an event is delivered again that was not answered with 200.
const tiktokRetryFor = 72 * time.Hour

// tiktokDelivery is an event on its way to the app. https://developers.tiktok.com/doc/webhooks-overview
type tiktokDelivery struct {
	ID      int64     `json:"id"`
	Event   string    `json:"event"`
	OpenID  string    `json:"user_openid"`
	At      time.Time `json:"at"`
	Content string    `json:"content"` // JSON as a text
	Tries   int       `json:"tries"`
	Next    time.Time `json:"next"`
}

func (d *tiktokDelivery) body(clientKey string) []byte {
	raw, _ := json.Marshal(map[string]any{ // texts and numbers always encode
		"client_key": clientKey, "event": d.Event, "create_time": d.At.Unix(), "user_openid": d.OpenID, "content": d.Content,
	})
	return raw
}

// signature: https://developers.tiktok.com/doc/webhooks-verification
func tiktokSignature(secret string, at int64, body []byte) string {
	t := strconv.FormatInt(at, 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",s=" + hex.EncodeToString(mac.Sum(nil))
}

// callbackURL is where the app's portal says that events go. The lock is held.
func (k *tiktok) callbackURL() string {
	return cmp.Or(k.st.Settings.Callback, k.sb.cfg.Hooks["tiktok"])
}

// tell puts an event on its way. The lock is held.
func (k *tiktok) tell(openID, event string, content any) {
	if k.callbackURL() == "" {
		return
	}
	raw, _ := json.Marshal(content) // texts and numbers always encode
	now := k.sb.clock()
	k.st.Deliveries = append(k.st.Deliveries, &tiktokDelivery{ID: k.st.number(), Event: event, OpenID: openID, At: now, Content: string(raw), Next: now})
	k.stir()
}

// stir lets keep look at once.
func (k *tiktok) stir() {
	select {
	case k.wake <- struct{}{}:
	default: // it will look already
	}
}

// keep lets time do its work while an app listens: processing ends, events are delivered and delivered again.
func (k *tiktok) keep() {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-k.sb.stop:
			return
		case <-tick.C:
		case <-k.wake:
		}
		k.sb.mu.Lock()
		listens := k.st != nil && k.callbackURL() != ""
		k.sb.mu.Unlock()
		if listens {
			k.advance(context.Background())
			k.flush(context.Background())
		}
	}
}

// flush delivers what is due and gives the answers. An event that is answered with anything but 200 comes again.
func (k *tiktok) flush(ctx context.Context) []sent {
	k.sending.Lock()
	defer k.sending.Unlock()
	k.sb.mu.Lock()
	now, to := k.sb.clock(), k.callbackURL()
	var due []tiktokDelivery
	for _, d := range k.st.Deliveries {
		if !now.Before(d.Next) {
			due = append(due, *d)
		}
	}
	k.sb.mu.Unlock()
	var answers []sent
	for _, d := range due {
		body := d.body(tiktokClientKey)
		out, err := post(ctx, to, tiktokSignature(tiktokClientSecret, now.Unix(), body), body)
		if err != nil {
			out.Body = "nobody answered"
		}
		answers = append(answers, out)
		k.sb.mu.Lock()
		k.st.Deliveries = slices.DeleteFunc(k.st.Deliveries, func(q *tiktokDelivery) bool {
			return q.ID == d.ID && (out.Status == http.StatusOK || now.Sub(q.At) >= tiktokRetryFor)
		})
		for _, q := range k.st.Deliveries {
			if q.ID == d.ID {
				q.Tries++
				q.Next = now.Add(time.Minute << min(q.Tries, 9))
			}
		}
		k.sb.changed()
		k.sb.mu.Unlock()
	}
	return answers
}

func post(ctx context.Context, to, signature string, body []byte) (sent, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body)) //nolint:gosec // the address that the app's operator configured
	if err != nil {
		return sent{}, err
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	if signature != "" {
		req.Header.Set("Tiktok-Signature", signature)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req) //nolint:gosec // the address that the app's operator configured
	if err != nil {
		return sent{}, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return sent{res.StatusCode, string(answer)}, err
}

// webhookOrder is a delivery made by hand.
type webhookOrder struct {
	Event     string         `json:"event"`
	Creator   string         `json:"creator"`
	Content   map[string]any `json:"content"`
	ClientKey string         `json:"client_key"` // empty: the app's
	Signature string         `json:"signature"`  // "", bad, none, altered, future, old
	At        int64          `json:"create_time"`
}

// deliver sends an event once, whatever the answer.
func (k *tiktok) deliver(ctx context.Context, in webhookOrder) (sent, error) {
	k.sb.mu.Lock()
	to, now := k.callbackURL(), k.sb.clock()
	k.sb.mu.Unlock()
	if to == "" {
		return sent{}, errors.New("no callback URL is configured: POST /_sandbox/tiktok/settings")
	}
	raw, err := json.Marshal(in.Content)
	if err != nil {
		return sent{}, err
	}
	d := tiktokDelivery{Event: in.Event, OpenID: in.Creator, At: now, Content: string(raw)}
	if in.At != 0 {
		d.At = time.Unix(in.At, 0)
	}
	if in.ClientKey == "" {
		in.ClientKey = tiktokClientKey
	}
	body := d.body(in.ClientKey)
	signature := tiktokSignature(tiktokClientSecret, now.Unix(), body)
	switch in.Signature {
	case "":
	case "bad":
		signature = tiktokSignature("another secret", now.Unix(), body)
	case "none":
		signature = ""
	case "altered":
		body = bytes.Replace(body, []byte(`"create_time":`), []byte(`"create_time": `), 1)
	case "future":
		signature = tiktokSignature(tiktokClientSecret, now.Add(time.Hour).Unix(), body)
	case "old":
		signature = tiktokSignature(tiktokClientSecret, now.Add(-80*time.Hour).Unix(), body)
	default:
		return sent{}, errors.New("signature must be empty, bad, none, altered, future or old")
	}
	return post(ctx, to, signature, body)
}

// summary tells what the app answered to what was delivered just now.
func summary(answers []sent) string {
	if len(answers) == 0 {
		return "Done. No app listens."
	}
	var b strings.Builder
	b.WriteString("Done. The app answered ")
	for i, a := range answers {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(a.Status))
	}
	b.WriteString(".")
	return b.String()
}
