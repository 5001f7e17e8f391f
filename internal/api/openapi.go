package api

import (
	"io"
	"log/slog"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

const intro = `Herald publishes to linked accounts and tells what became of it.

**Who calls.** The page uses the session cookie together with the header ` + "`X-CSRF-Token`" + ` (from getSession) on everything but GET.
A program sends the same value as ` + "`Authorization: Bearer …`" + ` and needs no CSRF token.

**Errors** are problem documents (RFC 9457): ` + "`class`" + ` says how to treat one, ` + "`detail`" + ` is a sentence for a person,
` + "`action`" + ` is what helps, ` + "`errors`" + ` names the wrong fields. Each class is described in docs/problems.md.

**Times** are RFC 3339 in UTC. **Ids** are opaque. What belongs to another workspace is a 404.

**Retries are safe:** every POST takes an ` + "`Idempotency-Key`" + `; publishing requires one.`

// Document builds the OpenAPI document of the whole API.
func Document() *huma.OpenAPI {
	a := &adapter{guard: &guard{}}
	s := &surface{api: newHuma(a), log: slog.New(slog.DiscardHandler), documented: true}
	doc := s.api.OpenAPI()
	doc.Info.Description = intro
	doc.Info.License = &huma.License{Name: "Apache 2.0", Identifier: "Apache-2.0"}
	doc.Servers = []*huma.Server{{URL: "/", Description: "Where the page is served"}}
	doc.Tags = tags()
	doc.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "Set by signIn and signUp."},
		"csrf":    {Type: "apiKey", In: "header", Name: csrfHeader, Description: "csrf_token of the session; with the cookie, on everything but GET."},
		"bearer":  {Type: "http", Scheme: "bearer", Description: "The session cookie's value, for programs."},
	}
	for _, r := range []Resource{Sessions{}, Workspaces{}, Platforms{}, Grants{}, OAuth{}, Connections{}, MediaFiles{}, Posts{}, Jobs{}, Insights{}, Webhooks{}, Comments{}} {
		a.next()
		r.mount(s)
	}
	schemas := doc.Components.Schemas.Map()
	delete(schemas, "ErrorModel") // huma's own errors, which never leave: transform turns them into problems
	delete(schemas, "ErrorDetail")
	for _, schema := range schemas {
		neverNull(schema)
	}
	describe(schemas)
	return doc
}

// WriteYAML writes the document in the form that is kept in docs/openapi.yaml.
func WriteYAML(w io.Writer) error {
	b, err := Document().YAML()
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// neverNull tells the truth about lists: huma allows null for every Go slice, Herald always sends a list.
func neverNull(s *huma.Schema) {
	for _, p := range s.Properties {
		if p.Type == huma.TypeArray {
			p.Nullable = false
		}
		if p.Items != nil {
			neverNull(p.Items)
		}
	}
	slices.Sort(s.Required)
}

func tags() []*huma.Tag {
	return []*huma.Tag{
		{Name: tagSession, Description: "Signing up, in and out."},
		{Name: tagWorkspace, Description: "The workspace and its switches."},
		{Name: tagPlatforms, Description: "What each platform takes."},
		{Name: tagConnect, Description: "The way through a platform's consent screen."},
		{Name: tagConnections, Description: "Linked accounts."},
		{Name: tagMedia, Description: "Files to attach."},
		{Name: tagPosts, Description: "What was written."},
		{Name: tagJobs, Description: "Each target's outcome."},
		{Name: tagInsights, Description: "Health, numbers and the audit trail."},
		{Name: tagWebhooks, Description: "What the platforms told."},
		{Name: tagComments, Description: "What people write below the accounts' posts."},
	}
}

// describe says what the words of other packages cannot say in tags: they do not know of this document.
func describe(schemas map[string]*huma.Schema) {
	kind := schemas["Action"].Properties["kind"]
	kind.Description = "What a program can make a button of."
	for _, k := range []problem.ActionKind{
		problem.ActNone, problem.ActWait, problem.ActRetry, problem.ActEdit, problem.ActReconnect, problem.ActChooseAccount,
		problem.ActViewExisting, problem.ActDecide, problem.ActSignIn, problem.ActOperator,
	} {
		kind.Enum = append(kind.Enum, string(k))
	}
	for _, p := range connector.Previews {
		schemas["PostKind"].Properties["preview"].Enum = append(schemas["PostKind"].Properties["preview"].Enum, string(p))
	}
	schemas["Action"].Properties["label"].Description = "The sentence for the button; may be empty."
	schemas["Notice"].Properties["level"].Enum = []any{string(connector.NoticeInfo), string(connector.NoticeWarning), string(connector.NoticeStop)}
	for _, name := range []string{"JobProblem", "FieldProblem"} {
		schemas[name].Properties["class"].Enum = schemas["Problem"].Properties["class"].Enum
	}
	for field, text := range map[string]string{
		"Platform.platform":         "The platform's name in paths and filters.",
		"Platform.color":            "A CSS colour.",
		"Platform.icon":             "The name of the page's icon.",
		"Platform.api_version":      "The version of the platform's API that is used.",
		"Platform.sunset":           "The day on which that version ends; absent = not announced.",
		"Platform.pkce":             "Whether the consent uses PKCE.",
		"Scope.feature":             "What it is for: discover, publish, delete, …",
		"Scope.why":                 "A sentence for the person.",
		"Scope.required":            "Without it the account is not usable.",
		"TokenLife.access_seconds":  "How long access lasts; 0 = no end.",
		"TokenLife.renewal":         "How it is renewed.",
		"TokenLife.source":          "The page that says so.",
		"AccountKind.can_delete":    "Whether a post can be removed from such an account; see also the login's cannot_delete.",
		"AccountKind.can_edit":      "Whether the text of a post on such an account can be changed.",
		"AccountKind.can_comment":   "Whether comments of such an account's posts can be read and answered.",
		"AccountKind.can_report":    "Whether such an account and its posts have numbers.",
		"PostKind.link_required":    "Without a link there is no such post.",
		"Notice.level":              "stop: nothing can be posted to the account now.",
		"Notice.text":               "A sentence for whoever composes.",
		"TextLimit.doubled":         "Characters that count one more than the unit says.",
		"FileLimit.max_pages":       "The most pages of a document; absent = no limit.",
		"PostKind.options":          "JSON Schema of a target's options; absent = there are none.",
		"PostKind.source":           "The page that describes this kind.",
		"PostKind.preview":          "The layout in which such a post is shown before it is sent; absent = feed.",
		"TextLimit.max":             "The most, counted in unit.",
		"TextLimit.unit":            "graphemes, utf16_units, code_points or bytes.",
		"TextLimit.source":          "The page that states the limit, or that it is Herald's own.",
		"MediaLimit.min":            "The fewest files; 0 = none needed.",
		"MediaLimit.max":            "The most files; 0 = none allowed.",
		"FileLimit.types":           "MIME types that are taken.",
		"FileLimit.min_bytes":       "The least bytes of one file; absent = no limit.",
		"FileLimit.max_bytes":       "The most bytes of one file; absent = no limit.",
		"FileLimit.max_pixels":      "The most pixels of one file, width × height; absent = no limit.",
		"MediaLimit.source":         "The page that states these numbers.",
		"MediaLimit.files":          "The sorts of files that are taken, each with its limits.",
		"FileLimit.source":          "The page that states the limits.",
		"FileLimit.max_width":       "The most pixels across; absent = no limit.",
		"FileLimit.codecs":          "The codecs of a video's picture track, as the file names them; absent = any.",
		"FileLimit.no_alt":          "No description of such a file is taken.",
		"Capabilities.candidates":   "Can list what is published, to recognise a held job's post.",
		"Capabilities.delete":       "Can delete a published post.",
		"Capabilities.revoke":       "Ends a person's grant at the platform when the last account that lives on it was disconnected; see Login.revokes.",
		"Capabilities.refresh":      "Renews the access by itself before it ends.",
		"Capabilities.webhooks":     "The platform tells Herald of changes.",
		"Capabilities.metrics":      "Gives numbers of posts and accounts.",
		"Capabilities.comments":     "Lists, answers and deletes comments.",
		"Capabilities.hide":         "Hides comments.",
		"Capabilities.offers":       "Says what each account takes at the moment.",
		"FileLimit.min_duration_ms": "The shortest video; absent = no limit.",
		"FileLimit.max_duration_ms": "The longest video; absent = no limit.",
		"FileLimit.min_ratio":       "The narrowest picture, width divided by height; absent = no limit.",
		"FileLimit.max_ratio":       "The widest picture, width divided by height; absent = no limit.",
		"FileLimit.min_width":       "The fewest pixels across; absent = no limit.",
		"FileLimit.min_height":      "The fewest pixels up; absent = no limit.",
		"FileLimit.min_frame_rate":  "The fewest pictures per second; absent = no limit.",
		"FileLimit.max_frame_rate":  "The most pictures per second; absent = no limit.",
		"Capabilities.edit":         "Can change the text of a published post.",
		"TextLimit.max_hashtags":    "The most words with # before them; absent = no limit.",
		"TextLimit.max_mentions":    "The most names with @ before them; absent = no limit.",
		"TextLimit.none":            "Such a post shows no text; max is 0 then.",
		"FileLimit.max_alt":         "The most characters of the description of one file; absent = no limit.",

		"Platform.logins":     "The ways in which a person can give access; the first is the default.",
		"Login.description":   "A sentence: when to choose it.",
		"Login.accounts":      "The kinds of accounts it reaches.",
		"Login.cannot_delete": "The kinds of accounts whose posts cannot be deleted with it, although they can be with another login.",
		"Login.revokes":       "Disconnecting the last account of a person, in all workspaces, takes Herald's access away at the platform a few minutes later.",
		"Login.remove_url":    "Where the person takes the access away by hand.",
	} {
		name, property, _ := strings.Cut(field, ".")
		schemas[name].Properties[property].Description = text
	}
}
