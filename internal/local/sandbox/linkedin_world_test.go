package sandbox_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/local/sandbox"
)

const (
	liClientID = "78heraldcommunity"
	liSecret   = "sandbox-linkedin-secret"
	liRedirect = "http://localhost:8080/v1/oauth/linkedin/callback"
)

// liWorld is a sandbox with somebody who has a profile and a Page.
type liWorld struct {
	*world

	person, org, token string
}

func startLinkedIn(t *testing.T) liWorld {
	t.Helper()
	w := liWorld{world: start(t, sandbox.Config{})}
	var who struct {
		Person        struct{ ID, Name string }
		Organizations []struct{ ID, Name string }
	}
	require.Equal(t, http.StatusCreated, w.control(http.MethodPost, "linkedin/seed", object{"person": "Kim Berg", "organizations": []object{{"name": "Shop"}}}, &who))
	w.person, w.org = who.Person.ID, who.Organizations[0].ID
	w.token = w.mint(object{})
	return w
}

// mint is a token of the person.
func (w liWorld) mint(in object) string {
	w.t.Helper()
	var out struct {
		Access string `json:"access_token"`
	}
	in["person"] = w.person
	require.Equal(w.t, http.StatusCreated, w.control(http.MethodPost, "linkedin/token", in, &out))
	return out.Access
}

func (w liWorld) me() string   { return "urn:li:person:" + w.person }
func (w liWorld) shop() string { return "urn:li:organization:" + w.org }

// liAnswer is an answer of the API.
type liAnswer struct {
	status  int
	header  http.Header
	Code    string `json:"code"`
	Service int    `json:"serviceErrorCode"`
	Message string `json:"message"`
	raw     string
}

// api calls the API as a client does that does everything right; headers change that, an empty one leaves it out.
func (w liWorld) api(method, path string, body any, headers ...string) liAnswer {
	w.t.Helper()
	var in io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		require.NoError(w.t, err)
		in = bytes.NewReader(raw)
	}
	h := map[string]string{"Authorization": "Bearer " + w.token, "Linkedin-Version": "202609", "X-Restli-Protocol-Version": "2.0.0"}
	if body != nil {
		h["Content-Type"] = "application/json"
	}
	for i := 0; i < len(headers); i += 2 {
		h[headers[i]] = headers[i+1] //nolint:gosec // they come in pairs
	}
	return w.call(method, w.url+"/linkedin/api/"+path, in, h)
}

func (w liWorld) call(method, to string, body io.Reader, headers map[string]string) liAnswer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, to, body)
	require.NoError(w.t, err)
	for k, v := range headers {
		if v != "" {
			req.Header.Set(k, v)
		}
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	a := liAnswer{status: res.StatusCode, header: res.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a) // an empty body, or that of another host
	return a
}

func (w liWorld) post(author, text string, change ...object) object {
	in := object{
		"author": author, "commentary": text, "visibility": "PUBLIC", "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
		"distribution": object{"feedDistribution": "MAIN_FEED", "targetEntities": []any{}, "thirdPartyDistributionChannels": []any{}},
	}
	for _, c := range change {
		maps.Copy(in, c)
	}
	return in
}

func (w liWorld) create(in object) liAnswer {
	w.t.Helper()
	return w.api(http.MethodPost, "rest/posts", in)
}

// made is a post that is there.
func (w liWorld) made(in object) string {
	w.t.Helper()
	a := w.create(in)
	require.Equal(w.t, http.StatusCreated, a.status, a.raw)
	require.Empty(w.t, a.raw)
	return a.header.Get("X-Restli-Id")
}

type liSeen struct {
	ID      string   `json:"id"`
	Text    string   `json:"text"`
	Links   []string `json:"links"`
	Visible bool     `json:"visible"`
}

func (w liWorld) seen(id string) []liSeen {
	w.t.Helper()
	var out struct {
		Posts []liSeen `json:"posts"`
	}
	require.Equal(w.t, http.StatusOK, w.control(http.MethodGet, "linkedin/accounts?id="+url.QueryEscape(id), nil, &out))
	return out.Posts
}

func liEnc(urn string) string { return url.QueryEscape(urn) }

type liInit struct {
	Value struct {
		UploadURL string `json:"uploadUrl"`
		Image     string `json:"image"`
		Video     string `json:"video"`
		Document  string `json:"document"`
		Token     string `json:"uploadToken"`
		Parts     []struct {
			URL   string `json:"uploadUrl"`
			First int64  `json:"firstByte"`
			Last  int64  `json:"lastByte"`
		} `json:"uploadInstructions"`
	} `json:"value"`
}

func (w liWorld) initialize(resource, owner string, more object) liInit {
	w.t.Helper()
	in := object{"owner": owner}
	maps.Copy(in, more)
	a := w.api(http.MethodPost, "rest/"+resource+"?action=initializeUpload", object{"initializeUploadRequest": in})
	require.Equal(w.t, http.StatusOK, a.status, a.raw)
	var out liInit
	require.NoError(w.t, json.Unmarshal([]byte(a.raw), &out))
	return out
}

// image uploads a picture.
func (w liWorld) image(owner string) string {
	w.t.Helper()
	var b bytes.Buffer
	require.NoError(w.t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8))))
	in := w.initialize("images", owner, nil)
	a := w.call(http.MethodPut, in.Value.UploadURL, &b, map[string]string{"Authorization": "Bearer " + w.token, "Content-Type": "image/png"})
	require.Equal(w.t, http.StatusCreated, a.status)
	return in.Value.Image
}

func (w liWorld) advance(d time.Duration) {
	w.t.Helper()
	require.Equal(w.t, http.StatusOK, w.control(http.MethodPost, "clock", object{"advance_seconds": int64(d / time.Second)}, nil))
}

// form calls the OAuth server.
func (w liWorld) form(name string, in url.Values, headers map[string]string) liAnswer {
	w.t.Helper()
	h := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	maps.Copy(h, headers)
	return w.call(http.MethodPost, w.url+"/linkedin/www/oauth/v2/"+name, strings.NewReader(in.Encode()), h)
}

// liScopes are some of the first app's.
const liScopes = "r_basicprofile w_member_social w_organization_social r_organization_social rw_organization_admin"

func liAuthorize(scope string) url.Values {
	return url.Values{"response_type": {"code"}, "client_id": {liClientID}, "redirect_uri": {liRedirect}, "state": {"s1"}, "scope": {scope}}
}

// login answers the authorization page and gives what comes back.
func (w liWorld) login(q url.Values, more object) url.Values {
	w.t.Helper()
	in := object{"url": w.url + "/linkedin/www/oauth/v2/authorization?" + q.Encode(), "person": w.person}
	maps.Copy(in, more)
	var out struct{ Location string }
	require.Equal(w.t, http.StatusOK, w.control(http.MethodPost, "linkedin/login", in, &out))
	u, err := url.Parse(out.Location)
	require.NoError(w.t, err)
	return u.Query()
}

func liExchange(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {liRedirect}, "client_id": {liClientID}, "client_secret": {liSecret}}
}
