package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// liNewest is the newest version of the API. liVersions are those that work, each with the day on which it ends.
// https://learn.microsoft.com/en-us/linkedin/marketing/versioning
const liNewest = "202609"

func liVersions() map[string]string {
	return map[string]string{
		"202509": "2026-09-15", "202510": "2026-10-15", "202511": "2026-11-16", "202601": "2027-01-15", "202602": "2027-02-15", "202603": "2027-03-16",
		"202604": "2027-04-15", "202605": "2027-05-15", "202606": "2027-06-15", "202607": "2027-07-15", "202608": "", liNewest: "",
	}
}

// liBodyMost bounds a JSON body.
const liBodyMost = 1 << 20

// liCall is one call of the API.
type liCall struct {
	r      *http.Request
	base   string
	now    time.Time
	op     string
	path   []string          // below /rest or /v2, decoded
	query  map[string]string // as it was sent, still encoded
	action string            // X-RestLi-Method
	body   []byte
	token  *liToken
	person *liPerson
}

// liErr is LinkedIn's error envelope. https://learn.microsoft.com/en-us/linkedin/marketing/error-responses
type liErr struct {
	status  int
	code    string // empty: the answer has none
	service int    // serviceErrorCode; 0 = none
	message string
	inputs  []map[string]any
}

func (e *liErr) answer() answer {
	v := map[string]any{"status": e.status, "message": e.message}
	if e.code != "" {
		v["code"] = e.code
	}
	if e.service != 0 {
		v["serviceErrorCode"] = e.service
	}
	if e.inputs != nil {
		v["errorDetailType"], v["errorDetails"] = "com.linkedin.common.error.BadRequest", map[string]any{"inputErrors": e.inputs}
	}
	a := jsonAnswer(e.status, v)
	a.header["X-Restli-Error-Response"] = []string{"true"}
	return a
}

func liBad(code, format string, args ...any) *liErr {
	return &liErr{status: http.StatusBadRequest, code: code, message: fmt.Sprintf(format, args...)}
}

// liDenied is a permission that is missing.
func liDenied(what string) *liErr {
	return &liErr{status: http.StatusForbidden, code: "ACCESS_DENIED", service: 100, message: "Not enough permissions to access: " + what}
}

func liMissing() *liErr {
	return &liErr{status: http.StatusNotFound, code: "NOT_FOUND", message: "Could not find entity"}
}

func liUnauthorized(service int, code, text string) *liErr {
	return &liErr{status: http.StatusUnauthorized, code: code, service: service, message: text}
}

func liThrottled() *liErr {
	return &liErr{status: http.StatusTooManyRequests, service: 101, message: "Resource level throttle limit for calls to this resource is reached."}
}

// refuse is LinkedIn's own way to say "expired", "too many" and "broken". There is no Retry-After.
func (l *linkedin) refuse(f fault, _ string) answer {
	e := &liErr{status: http.StatusInternalServerError, code: "INTERNAL_SERVER_ERROR", message: "Internal Server Error"}
	switch f.Kind {
	case fault401:
		e = liUnauthorized(65602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
	case fault429:
		e = liThrottled()
	}
	if f.Status != 0 {
		e.status = f.Status
	}
	return e.answer()
}

type liRoute struct {
	method, path string // "*" is any id; "?name" wants that parameter
	name, title  string
	run          func(l *linkedin, c *liCall) (answer, *liErr)
}

func liRoutes() []liRoute {
	return []liRoute{
		{"GET", "v2/me", "linkedin.me", "Read the member", (*linkedin).getMe},
		{"GET", "v2/userinfo", "linkedin.userinfo", "Read the member (OpenID Connect)", (*linkedin).getUserinfo},
		{"GET", "rest/organizationAcls", "linkedin.acls", "List the member's roles on Pages", (*linkedin).listRoles},
		{"GET", "rest/organizationsLookup", "linkedin.organizations", "Read Pages", (*linkedin).lookupOrgs},
		{"POST", "rest/posts", "linkedin.posts.create", "Create a post", (*linkedin).createPost},
		{"GET", "rest/posts", "linkedin.posts.list", "List an author's posts", (*linkedin).listPosts},
		{"GET", "rest/posts/*", "linkedin.posts.get", "Read a post", (*linkedin).getPost},
		{"POST", "rest/posts/*", "linkedin.posts.edit", "Edit a post", (*linkedin).editPost},
		{"DELETE", "rest/posts/*", "linkedin.posts.delete", "Delete a post", (*linkedin).deletePost},
		{"POST", "rest/images", "linkedin.images.init", "Begin an image", (*linkedin).initMedia},
		{"GET", "rest/images/*", "linkedin.images.get", "Read an image's state", (*linkedin).getMedia},
		{"POST", "rest/videos", "linkedin.videos.init", "Begin or finish a video", (*linkedin).initMedia},
		{"GET", "rest/videos/*", "linkedin.videos.get", "Read a video's state", (*linkedin).getMedia},
		{"POST", "rest/documents", "linkedin.documents.init", "Begin a document", (*linkedin).initMedia},
		{"GET", "rest/documents/*", "linkedin.documents.get", "Read a document's state", (*linkedin).getMedia},
		{"GET", "rest/socialActions/*/comments", "linkedin.comments.list", "List comments", (*linkedin).listComments},
		{"POST", "rest/socialActions/*/comments", "linkedin.comments.create", "Write a comment", (*linkedin).createComment},
		{"DELETE", "rest/socialActions/*/comments/*", "linkedin.comments.delete", "Delete a comment", (*linkedin).deleteComment},
		{"GET", "rest/organizationalEntityShareStatistics", "linkedin.share_statistics", "Numbers of a Page's posts", (*linkedin).shareStatistics},
		{"GET", "rest/networkSizes/*", "linkedin.network_sizes", "Count a Page's followers", (*linkedin).networkSize},
		{"GET", "rest/memberCreatorPostAnalytics", "linkedin.member_analytics", "Numbers of a member's posts", (*linkedin).memberAnalytics},
		{"PUT", "rest/eventSubscriptions/*", "linkedin.subscriptions.put", "Subscribe to a Page's webhooks", (*linkedin).putSubscription},
		{"GET", "rest/eventSubscriptions/*", "linkedin.subscriptions.get", "Read a subscription", (*linkedin).getSubscription},
		{"DELETE", "rest/eventSubscriptions/*", "linkedin.subscriptions.delete", "End a subscription", (*linkedin).deleteSubscription},
	}
}

const (
	liUploadOp  = "linkedin.upload"
	liUnknownOp = "linkedin.unknown"
)

func liOperations() []operation {
	ops := []operation{
		{liDialogOp, "Open the authorization page"},
		{liExchangeOp, "Exchange a code"},
		{liRefreshOp, "Refresh a token"},
		{liIntrospectOp, "Introspect a token"},
		{liRevokeOp, "Revoke a token"},
		{liUploadOp, "Upload bytes"},
		{liUnknownOp, "Anything else"},
	}
	for _, r := range liRoutes() {
		ops = append(ops, operation{r.name, r.title})
	}
	return ops
}

func (r liRoute) fits(method string, path []string) bool {
	want := strings.Split(r.path, "/")
	if method != r.method || len(want) != len(path) {
		return false
	}
	for i, w := range want {
		if w != "*" && w != path[i] {
			return false
		}
	}
	return true
}

// serveAPI answers api.linkedin.com.
func (l *linkedin) serveAPI(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, liBodyMost))
	if err != nil {
		l.sb.write(w, r, (&liErr{status: http.StatusRequestEntityTooLarge, message: "Request Entity Too Large"}).answer())
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	encoded := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/linkedin/api/"), "/")
	c := &liCall{r: r, base: l.sb.base(r), action: strings.ToUpper(r.Header.Get("X-Restli-Method")), body: raw}
	for _, s := range encoded {
		plain, _ := url.PathUnescape(s) // the server has parsed it
		c.path = append(c.path, plain)
	}
	route := liRoute{name: liUnknownOp}
	for _, candidate := range liRoutes() {
		if candidate.fits(r.Method, c.path) {
			route = candidate
		}
	}
	c.op = route.name
	l.sb.mu.Lock()
	token := l.st.Tokens[liBearer(r)]
	l.sb.mu.Unlock()
	about := "/" + strings.Join(c.path, "/")
	if author := liAuthor(raw) + c.author(); author != "" {
		about += " of " + author
	}
	if token != nil {
		about += " by " + token.Person
	}
	l.sb.serve(w, r, l, call{op: route.name, path: about, run: func() answer {
		l.sb.mu.Lock()
		defer l.sb.mu.Unlock()
		c.now = l.sb.clock()
		a, e := l.run(c, route, encoded)
		if e != nil {
			a = e.answer()
		}
		a.header.Set("X-Li-Uuid", "AAY"+strconv.FormatInt(l.st.next(), 36))
		return a
	}})
}

// liBearer is the token of a call; an empty one is none.
func liBearer(r *http.Request) string {
	t, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return t
}

// run checks what every call has in common, and carries it out. The lock is held.
func (l *linkedin) run(c *liCall, route liRoute, encoded []string) (answer, *liErr) {
	rest := c.path[0] == "rest"
	if rest {
		if e := c.version(); e != nil {
			return answer{}, e
		}
	}
	if e := l.authorize(c); e != nil {
		return answer{}, e
	}
	if e := c.grammar(encoded); e != nil {
		return answer{}, e
	}
	if route.run == nil {
		return answer{}, &liErr{status: http.StatusNotFound, code: "RESOURCE_NOT_FOUND", message: "No virtual resource found"}
	}
	if len(c.body) > 0 && !strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") {
		return answer{}, &liErr{status: http.StatusUnsupportedMediaType, message: "Unsupported Media Type"}
	}
	for _, key := range []string{c.op, c.op + " " + c.token.Person} {
		if until, spent := l.st.Quotas[key]; spent && c.now.Before(until) {
			return answer{}, liThrottled()
		}
	}
	return route.run(l, c)
}

// version checks the header that every versioned call carries.
func (c *liCall) version() *liErr {
	v := c.r.Header.Get("Linkedin-Version")
	if v == "" {
		return liBad("VERSION_MISSING", "A version must be present. Please specify a version by adding the LinkedIn-Version header.")
	}
	month, _, _ := strings.Cut(v, ".")
	end, known := liVersions()[month]
	if !known || end != "" && c.now.Format(time.DateOnly) >= end {
		return &liErr{status: http.StatusUpgradeRequired, code: "NONEXISTENT_VERSION", message: "Requested version " + month + "01 is not active"}
	}
	return nil
}

// authorize finds the member behind the token.
func (l *linkedin) authorize(c *liCall) *liErr {
	value := liBearer(c.r)
	if value == "" {
		return liUnauthorized(65604, "EMPTY_ACCESS_TOKEN", "Empty oauth2_access_token")
	}
	t := l.st.Tokens[value]
	switch {
	case t == nil:
		return liUnauthorized(65600, "INVALID_ACCESS_TOKEN", "Invalid access token")
	case t.Dead:
		return liUnauthorized(65601, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user")
	case t.Lag > 0:
		t.Lag--
		return liUnauthorized(65601, "REVOKED_ACCESS_TOKEN", "The token used in the request has been revoked by the user")
	case !c.now.Before(t.ExpiresAt):
		return liUnauthorized(65602, "EXPIRED_ACCESS_TOKEN", "The token used in the request has expired")
	}
	c.token, c.person = t, l.st.person(t.Person)
	return nil
}

// grammar checks Rest.li's way of writing: lists and records need the protocol's version 2, URNs in a path and in values
// are encoded whole.
// https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/protocol-version
func (c *liCall) grammar(encoded []string) *liErr {
	c.query = map[string]string{}
	two := c.r.Header.Get("X-Restli-Protocol-Version") == "2.0.0"
	for pair := range strings.SplitSeq(c.r.URL.RawQuery, "&") {
		k, v, _ := strings.Cut(pair, "=")
		c.query[k] = v
		complexValue := strings.HasPrefix(v, "List(") || strings.HasPrefix(v, "(")
		if complexValue && !two {
			return liBad("ILLEGAL_ARGUMENT", "Invalid query parameters passed to request")
		}
		if !complexValue && strings.ContainsAny(v, ":(),'") {
			return liBad("ILLEGAL_ARGUMENT", "Syntax exception in path variables")
		}
	}
	for _, s := range encoded {
		key := strings.HasPrefix(s, "(")
		if key && !two {
			return liBad("ILLEGAL_ARGUMENT", "Syntax exception in path variables")
		}
		if !key && strings.ContainsAny(s, ":(),") {
			return liBad("ILLEGAL_ARGUMENT", "Syntax exception in path variables")
		}
	}
	return nil
}

// value is a simple parameter.
func (c *liCall) value(name string) string {
	v, err := url.QueryUnescape(c.query[name])
	if err != nil {
		return ""
	}
	return v
}

// list is a parameter List(a,b).
func (c *liCall) list(name string) []string {
	inner, ok := strings.CutPrefix(c.query[name], "List(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !ok || !closed || inner == "" {
		return nil
	}
	var out []string
	for v := range strings.SplitSeq(inner, ",") {
		plain, _ := url.QueryUnescape(v) // a value that cannot be read is nobody's id
		out = append(out, plain)
	}
	return out
}

// record is (k:v,k2:v2).
func liRecord(raw string) map[string]string {
	out := map[string]string{}
	inner := strings.TrimSuffix(strings.TrimPrefix(raw, "("), ")")
	for pair := range strings.SplitSeq(inner, ",") {
		k, v, _ := strings.Cut(pair, ":")
		plain, _ := url.QueryUnescape(v) // a value that cannot be read is nobody's id
		out[k] = plain
	}
	return out
}

// author is the account that a reading call is about, for the log.
func (c *liCall) author() string {
	q := c.r.URL.Query()
	return q.Get("author") + q.Get("organizationalEntity")
}

// page cuts a list: start 0 and count 10 where nothing is said.
func (c *liCall) page(total int) (start, end int, paging map[string]any) {
	number := func(name string, usual int) int {
		if n, err := strconv.Atoi(c.value(name)); err == nil && n >= 0 {
			return n
		}
		return usual
	}
	start, count := number("start", 0), min(number("count", 10), 100)
	shown := count
	if c.person.ShortPages {
		shown = 1
	}
	start = min(start, total)
	end = min(start+shown, total)
	links := []map[string]string{}
	if end < total {
		q := c.r.URL.Query()
		q.Set("start", strconv.Itoa(end))
		links = append(links, map[string]string{"rel": "next", "type": "application/json", "href": "/" + strings.Join(c.path, "/") + "?" + q.Encode()})
	}
	return start, end, map[string]any{"start": start, "count": count, "links": links}
}
