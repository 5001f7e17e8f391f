package connectortest

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// Webhook is what the suite needs to know about a platform's webhooks. Everything is made as the platform makes it, from
// its documents and not with the connector.
type Webhook struct {
	// Sign gives the headers of a delivery.
	Sign func(body []byte) http.Header
	// Weak gives the headers of a signature that the platform also sends and nobody may trust; nil = there is none.
	Weak func(body []byte) http.Header
	// Handshake is the query with which the platform asks whether the address is ours; nil = it never asks. Answer is what
	// it then wants to read.
	Handshake func(token, challenge string) url.Values
	Answer    func(challenge string) connector.Handshake
	// Tokenless: the question shows no token, the answer is signed instead.
	Tokenless bool
	// Comments is one delivery of n different new comments spread over the accounts. The texts have letters that the
	// platform escapes.
	Comments func(n int, accounts []string) []byte
	// Posts are deliveries that tell of n different posts spread over the accounts, one each; in place of Comments, where the
	// platform tells of none. The texts have letters that the platform escapes.
	Posts func(n int, accounts []string) [][]byte
	// Unknown is a delivery with a field that no document names.
	Unknown []byte
	// Callback is the signed form for a person, with the algorithm that it claims; nil = the platform has none.
	Callback func(subject, algorithm string, issued time.Time) url.Values
	// Algorithm is the right one.
	Algorithm string
}

// checkWebhooks: what the platform signed is taken, anything else is not, and one change has one id however often and
// in whatever company it comes.
func checkWebhooks(t T, h Harness) {
	c := h.rig(t, "https://platform.invalid")
	hooks, can := c.Connector.(connector.Webhooks)
	require.Equal(t, can, h.Webhook != nil, "the harness and the connector disagree on webhooks")
	if !can {
		return
	}
	w := *h.Webhook
	checkHandshake(t, w, hooks)

	accounts := []string{"101", "102", "103"}
	body := w.deliveries(1000, accounts)[0]
	signed := w.Sign(body)
	require.NoError(t, hooks.Verify(signed, body))
	forged := func(header http.Header, body []byte, why string) {
		err := hooks.Verify(header, body)
		require.Equal(t, problem.Unauthorized, problem.ClassOf(err), why)
		require.NotContains(t, err.Error(), "101", "what was delivered is not repeated")
	}
	for _, at := range []int{0, len(body) / 2, len(body) - 1} {
		changed := bytes.Clone(body)
		changed[at] ^= 1
		forged(signed, changed, "one bit of the body")
	}
	require.Contains(t, string(body), `\u00e4`, "the fixture is to have an escaped letter")
	forged(signed, bytes.ReplaceAll(body, []byte(`\u00e4`), []byte("ä")), "the same JSON in other bytes")
	forged(http.Header{}, body, "no signature")
	for name, values := range signed {
		for _, v := range []string{"", values[0][:len(values[0])-1], strings.ToUpper(values[0]) + "00", strings.Repeat("0", len(values[0]))} {
			forged(http.Header{name: {v}}, body, "a signature of "+strconv.Itoa(len(v)))
		}
	}
	if w.Weak != nil {
		forged(w.Weak(body), body, "the weak signature alone")
	}

	first := w.split(t, hooks, 1000, accounts)
	require.Len(t, first, 1000)
	ids, seen := map[string]bool{}, map[string]int{}
	for _, e := range first {
		if w.Comments != nil {
			require.Equal(t, connector.WebhookComment, e.Kind)
			require.NotNil(t, e.Comment)
			require.Contains(t, e.Comment.Text, "ä")
		} else {
			require.Equal(t, connector.WebhookPost, e.Kind)
			require.NotNil(t, e.Post)
			require.NotEmpty(t, e.Post.Reference+e.Post.ExternalID)
		}
		require.Len(t, e.ID, 32)
		ids[e.ID] = true
		seen[e.ExternalAccountID]++
	}
	require.Len(t, ids, 1000, "different changes have different ids")
	require.Len(t, seen, len(accounts))
	require.Equal(t, first, w.split(t, hooks, 1000, accounts))
	alone := w.split(t, hooks, 1, accounts)
	require.Len(t, alone, 1)
	require.True(t, ids[alone[0].ID], "a change has the same id in other company")

	unknown, err := hooks.Split(w.Unknown)
	require.NoError(t, err)
	require.NotEmpty(t, unknown)
	for _, e := range unknown {
		require.Equal(t, connector.WebhookOther, e.Kind)
		require.NotEmpty(t, e.ID)
	}
	_, err = hooks.Split([]byte(`{"entry":`))
	require.Equal(t, problem.InvalidRequest, problem.ClassOf(err))
	if w.Callback != nil {
		checkCallback(t, w, hooks)
	}
}

// deliveries hold n different changes.
func (w Webhook) deliveries(n int, accounts []string) [][]byte {
	if w.Comments != nil {
		return [][]byte{w.Comments(n, accounts)}
	}
	return w.Posts(n, accounts)
}

func (w Webhook) split(t T, hooks connector.WebhookParser, n int, accounts []string) []connector.WebhookEvent {
	t.Helper()
	var all []connector.WebhookEvent
	for _, body := range w.deliveries(n, accounts) {
		some, err := hooks.Split(body)
		require.NoError(t, err)
		all = append(all, some...)
	}
	return all
}

func checkHandshake(t T, w Webhook, hooks connector.WebhookVerifier) {
	token := connector.NewSecret("right")
	type try struct {
		query url.Values
		token connector.Secret
	}
	refused := map[string]try{"no question": {url.Values{}, token}}
	if w.Handshake != nil {
		answer, ok := hooks.Handshake(w.Handshake("right", "1158201444"), token)
		require.True(t, ok)
		require.Equal(t, w.Answer("1158201444"), answer)
	}
	if w.Handshake != nil && !w.Tokenless {
		refused["another token"] = try{w.Handshake("wrong", "1"), token}
		refused["none configured"] = try{w.Handshake("", "1"), connector.Secret{}}
	}
	for why, try := range refused {
		answer, ok := hooks.Handshake(try.query, try.token)
		require.False(t, ok, why)
		require.Empty(t, answer, why)
	}
}

func checkCallback(t T, w Webhook, hooks connector.WebhookParser) {
	now := time.Now().Truncate(time.Second)
	good := w.Callback("300", w.Algorithm, now)
	e, err := hooks.Callback(connector.WebhookDeauthorized, good)
	require.NoError(t, err)
	require.Equal(t, "300", e.Subject)
	require.Equal(t, connector.WebhookDeauthorized, e.Kind)
	require.True(t, e.At.Equal(now))
	same, err := hooks.Callback(connector.WebhookDeauthorized, good)
	require.NoError(t, err)
	require.Equal(t, e, same)
	other, err := hooks.Callback(connector.WebhookDataDeletion, good)
	require.NoError(t, err)
	require.NotEqual(t, e.ID, other.ID)
	bad := map[string]url.Values{
		"another algorithm": w.Callback("300", "none", now), "an old one": w.Callback("300", w.Algorithm, now.Add(-25*time.Hour)),
		"one from the future": w.Callback("300", w.Algorithm, now.Add(25*time.Hour)), "nobody": w.Callback("", w.Algorithm, now), "nothing": {},
	}
	for name, values := range good {
		for i := range len(values[0]) {
			b := []byte(values[0])
			b[i] ^= 1
			bad["byte "+strconv.Itoa(i)] = url.Values{name: {string(b)}}
		}
	}
	for why, form := range bad {
		got, err := hooks.Callback(connector.WebhookDeauthorized, form)
		require.Equal(t, problem.Unauthorized, problem.ClassOf(err), why)
		require.Empty(t, got, why)
	}
}
