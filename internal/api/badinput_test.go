package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/boot"
)

func TestBadInputIsRefusedWithoutEchoingIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	id := boot.NewID()
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		class, field       string
	}{
		"malformed JSON":        {http.MethodPost, "/v1/posts/check", `{"text":"CANARY`, nil, 400, "invalid_request", ""},
		"trailing bytes":        {http.MethodPost, "/v1/posts/check", `{"text":"x","targets":[]} CANARY`, nil, 400, "invalid_request", ""},
		"no body":               {http.MethodPost, "/v1/posts/check", ``, nil, 400, "invalid_request", ""},
		"not UTF-8":             {http.MethodPost, "/v1/posts/check", "{\"text\":\"\xff\"}", nil, 422, "invalid_request", ""},
		"a list":                {http.MethodPost, "/v1/posts/check", `["CANARY"]`, nil, 422, "invalid_request", ""},
		"null":                  {http.MethodPost, "/v1/posts/check", `null`, nil, 422, "invalid_request", ""},
		"unknown field":         {http.MethodPost, "/v1/posts/check", `{"text":"x","targets":[{"connection_id":"c"}],"evil":"CANARY"}`, nil, 422, "invalid_request", "evil"},
		"unknown nested field":  {http.MethodPost, "/v1/posts/check", `{"text":"x","targets":[{"connection_id":"c","evil":1}]}`, nil, 422, "invalid_request", "targets[0].evil"},
		"wrong type":            {http.MethodPost, "/v1/posts/check", `{"text":42,"targets":[{"connection_id":"c"}]}`, nil, 422, "invalid_request", "text"},
		"missing field":         {http.MethodPost, "/v1/posts/check", `{"targets":[{"connection_id":"c"}]}`, nil, 422, "invalid_request", "text"},
		"missing nested field":  {http.MethodPost, "/v1/posts/check", `{"text":"x","targets":[{}]}`, nil, 422, "invalid_request", "targets[0].connection_id"},
		"no targets":            {http.MethodPost, "/v1/posts/check", `{"text":"x","targets":[]}`, nil, 422, "invalid_request", "targets"},
		"not a time":            {http.MethodPost, "/v1/posts/check", `{"text":"x","targets":[{"connection_id":"c"}],"publish_at":"CANARY"}`, nil, 422, "invalid_request", "publish_at"},
		"options not an object": {http.MethodPost, "/v1/posts/check", `{"text":"x","targets":[{"connection_id":"c","options":"CANARY"}]}`, nil, 422, "invalid_request", "targets[0].options"},
		"text too long":         {http.MethodPost, "/v1/posts/check", `{"text":"` + strings.Repeat("a", 70001) + `","targets":[{"connection_id":"c"}]}`, nil, 422, "invalid_request", "text"},
		"10 MB":                 {http.MethodPost, "/v1/posts/check", `{"text":"` + strings.Repeat("a", 10<<20) + `"}`, nil, 413, "too_large", ""},
		"not JSON by its type":  {http.MethodPost, "/v1/posts/check", `text=CANARY`, []string{"Content-Type", "text/plain"}, 415, "invalid_request", ""},
		"form":                  {http.MethodPost, "/v1/posts/check", `text=CANARY`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, "invalid_request", ""},
		"no key":                {http.MethodPost, "/v1/posts", `{"text":"x","targets":[{"connection_id":"c"}]}`, nil, 422, "invalid_request", "Idempotency-Key"},
		"key too long":          {http.MethodPost, "/v1/posts", `{"text":"x","targets":[{"connection_id":"c"}]}`, []string{"Idempotency-Key", strings.Repeat("k", 256)}, 422, "invalid_request", "Idempotency-Key"},
		"key not ASCII":         {http.MethodPost, "/v1/posts", `{"text":"x","targets":[{"connection_id":"c"}]}`, []string{"Idempotency-Key", "schlüssel"}, 422, "invalid_request", "Idempotency-Key"},
		"limit zero":            {http.MethodGet, "/v1/posts?limit=0", "", nil, 422, "invalid_request", "limit"},
		"limit too high":        {http.MethodGet, "/v1/posts?limit=101", "", nil, 422, "invalid_request", "limit"},
		"limit no number":       {http.MethodGet, "/v1/posts?limit=CANARY", "", nil, 422, "invalid_request", "limit"},
		"unknown parameter":     {http.MethodGet, "/v1/posts?evil=CANARY", "", nil, 422, "invalid_request", "evil"},
		"unknown state":         {http.MethodGet, "/v1/posts?state=CANARY", "", nil, 422, "invalid_request", "state"},
		"forged cursor":         {http.MethodGet, "/v1/posts?cursor=CANARY", "", nil, 422, "invalid_request", "cursor"},
		"forged audit cursor":   {http.MethodGet, "/v1/audit?cursor=CANARY", "", nil, 422, "invalid_request", "cursor"},
		"audit of no account":   {http.MethodGet, "/v1/audit?connection_id=CANARY", "", nil, 422, "invalid_request", "connection_id"},
		"span too long":         {http.MethodGet, "/v1/metrics?from=2026-01-01T00:00:00Z&to=2026-06-01T00:00:00Z", "", nil, 422, "invalid_request", "from"},
		"span backwards":        {http.MethodGet, "/v1/metrics?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "", nil, 422, "invalid_request", "from"},
		"numbers of nothing":    {http.MethodGet, "/v1/metrics?platform=CANARY", "", nil, 422, "invalid_request", "platform"},
		"unknown platform":      {http.MethodPut, "/v1/workspace/platforms/CANARY", `{"on":true}`, nil, 404, "not_found", ""},
		"empty name":            {http.MethodPatch, "/v1/workspace", `{"name":""}`, nil, 422, "invalid_request", "name"},
		"zone of nowhere":       {http.MethodPatch, "/v1/workspace", `{"time_zone":"CANARY"}`, nil, 422, "invalid_request", "time_zone"},
		"id of another kind":    {http.MethodGet, "/v1/posts/con_" + id, "", nil, 404, "not_found", ""},
		"id of no kind":         {http.MethodGet, "/v1/posts/CANARY", "", nil, 404, "not_found", ""},
		"id too long":           {http.MethodGet, "/v1/connections/con_" + strings.Repeat("a", 3000), "", nil, 404, "not_found", ""},
		"id in capitals":        {http.MethodGet, "/v1/connections/con_" + strings.ToUpper(id), "", nil, 404, "not_found", ""},
		"unknown post":          {http.MethodGet, "/v1/posts/pst_" + id, "", nil, 404, "not_found", ""},
		"unknown job":           {http.MethodGet, "/v1/jobs/pst_" + id + ".con_" + id, "", nil, 404, "not_found", ""},
		"half a job":            {http.MethodGet, "/v1/jobs/pst_" + id, "", nil, 404, "not_found", ""},
		"unknown connection":    {http.MethodGet, "/v1/connections/con_" + id, "", nil, 404, "not_found", ""},
		"unknown grant":         {http.MethodGet, "/v1/oauth/grants/grt_" + id, "", nil, 404, "not_found", ""},
		"grant of no kind":      {http.MethodPost, "/v1/connections", `{"grant_id":"CANARY","candidate_ids":["con_x"]}`, nil, 404, "not_found", ""},
		"unknown media":         {http.MethodPost, "/v1/media/med_" + id + "/complete", "", nil, 404, "not_found", ""},
		"empty file":            {http.MethodPost, "/v1/media", `{"name":"a.jpg","type":"image/jpeg","bytes":0}`, nil, 422, "invalid_request", "bytes"},
		"negative file":         {http.MethodPost, "/v1/media", `{"name":"a.jpg","type":"image/jpeg","bytes":-1}`, nil, 422, "invalid_request", "bytes"},
		"huge file":             {http.MethodPost, "/v1/media", `{"name":"a.jpg","type":"image/jpeg","bytes":99999999999}`, nil, 422, "invalid_request", "bytes"},
		"half a byte":           {http.MethodPost, "/v1/media", `{"name":"a.jpg","type":"image/jpeg","bytes":1.5}`, nil, 422, "invalid_request", "bytes"},
		"a script as file":      {http.MethodPost, "/v1/media", `{"name":"a.svg","type":"image/svg+xml","bytes":10}`, nil, 422, "invalid_request", "type"},
		"resolution of nothing": {http.MethodPost, "/v1/jobs/pst_" + id + ".con_" + id + "/resolve", `{"outcome":"CANARY"}`, nil, 422, "invalid_request", "outcome"},
		"no such path":          {http.MethodGet, "/v1/CANARY", "", nil, 404, "not_found", ""},
		"no such method":        {http.MethodDelete, "/v1/posts", "", nil, 405, "invalid_request", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := ada.do(c.method, c.path, c.body, c.headers)
			r.t = t
			p := r.problem(c.status, c.class)
			if c.field != "" {
				require.Len(t, p.Errors, 1, "%s", r.body)
				require.Equal(t, c.field, p.Errors[0].Field)
				require.NotEmpty(t, p.Errors[0].Message)
			}
			if !strings.Contains(c.path, "CANARY") || strings.Contains(c.path, "?") {
				require.NotContains(t, string(r.body), "CANARY")
			}
			require.Less(t, len(r.body), 4000)
		})
	}
}

func TestSeveralWrongFieldsComeAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.anyone().post("/v1/session/signup", map[string]any{"email": "no", "password": "", "extra": 1}).problem(http.StatusUnprocessableEntity, "invalid_request")
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
	}
	require.ElementsMatch(t, []string{"email", "password", "extra", "name", "workspace", "time_zone"}, fields)
}

func TestOddPathsAnswerLikeAnyOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	for _, path := range []string{"/v1/posts/%00", "/v1/posts/%2e%2e", "/v1/jobs/a%2fb", "/v1/media/%F0%9F%98%80", "/v1/oauth/grants/start"} {
		ada.get(path).problem(http.StatusNotFound, "not_found")
	}
	var p api.Problem
	ada.do(http.MethodDelete, "/v1/posts", nil, nil).into(&p)
	require.Equal(t, http.StatusMethodNotAllowed, p.Status)
}
