package connectortest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
)

// checkMatrix holds the platform's part of docs/connectors.md against the code.
func checkMatrix(t T, h Harness) {
	c := h.rig(t, "https://platform.invalid")
	raw, err := os.ReadFile(filepath.Clean(h.Docs))
	require.NoError(t, err)
	if !strings.Contains(string(raw), Section(c.Info(), connector.CapabilitiesOf(c.Connector))) { // printing both would hide the sentence
		require.FailNow(t, "docs/connectors.md is stale, or the platform is not in all.go: go test ./internal/connector/all -update")
	}
}

// Section is what docs/connectors.md says about one platform.
func Section(i connector.Info, c connector.Capabilities) string {
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("### %s (`%s`)\n", i.Title, i.Platform)
	p("API version %s. PKCE: %s.\n", i.APIVersion, yes(i.PKCE))
	p("| can | |\n|---|---|")
	p("| list what may be a held post | %s |\n| delete a published post | %s |\n| edit the text of a published post | %s |\n| give the access back | %s |\n| renew the access by itself | %s |\n| tell of changes (webhooks) | %s |\n| ask for an account's webhooks | %s |\n| numbers of posts and accounts | %s |\n| read, answer and delete comments | %s |\n| hide comments | %s |\n| say what each account takes at the moment | %s |\n",
		yes(c.Candidates), yes(c.Delete), yes(c.Edit), yes(c.Revoke), yes(c.Refresh), yes(c.Webhooks), yes(c.Subscribes), yes(c.Metrics), yes(c.Comments), yes(c.Hide), yes(c.Offers))
	for _, l := range i.Logins {
		p("\n%s (`%s`). %s %s ([source](%s)) Gives the access back: %s. Posts that it cannot delete: %s.\n",
			l.Title, l.ID, l.Description, l.Tokens.Renewal, l.Tokens.Source, yes(l.Revokes), cmp.Or(strings.Join(l.CannotDelete, ", "), "none"))
		p("| permission | for | why |\n|---|---|---|")
		for _, s := range l.Scopes {
			need := s.Feature
			if s.Required {
				need += ", required"
			}
			p("| `%s` | %s | %s |", s.Name, need, s.Why)
		}
	}
	p("\n| account | post | text | media | link |\n|---|---|---|---|---|")
	for _, a := range i.Accounts {
		for _, k := range a.Posts {
			p("| %s (`%s`) | [%s](%s) (`%s`) | %s | %s | %s |", a.Title, a.Kind, k.Title, k.Source, k.Kind, text(k.Text), media(k.Media), link(k))
		}
	}
	return b.String()
}

func link(k connector.PostKind) string {
	if k.LinkRequired {
		return "required"
	}
	return yes(k.Link)
}

func text(l connector.TextLimit) string {
	if l.None {
		return "none"
	}
	need := "optional"
	if l.Required {
		need = "required"
	}
	tags := ""
	if l.MaxHashtags > 0 {
		tags += fmt.Sprintf(", %d hashtags", l.MaxHashtags)
	}
	if l.MaxMentions > 0 {
		tags += fmt.Sprintf(", %d mentions", l.MaxMentions)
	}
	return fmt.Sprintf("%s, at most [%d %s%s](%s)", need, l.Max, strings.ReplaceAll(string(l.Unit), "_", " "), tags, l.Source)
}

func media(l connector.MediaLimit) string {
	if l.Max == 0 {
		return "none"
	}
	count := fmt.Sprintf("%d to %d", l.Min, l.Max)
	if l.Min == l.Max {
		count = strconv.Itoa(l.Max)
	}
	var sorts []string
	for _, f := range l.Files {
		sorts = append(sorts, fmt.Sprintf("%s, [%s](%s)", strings.Join(f.Types, ", "), shape(f), f.Source))
	}
	return fmt.Sprintf("[%s](%s): %s", count, l.Source, strings.Join(sorts, "; or "))
}

// shape says what bounds each file.
func shape(l connector.FileLimit) string {
	out := fmt.Sprintf("at most %.1f MB each", float64(l.MaxBytes)/1e6)
	if l.MaxBytes == 0 {
		out = "of any size"
	}
	if l.MinBytes > 0 {
		out = fmt.Sprintf("at least %.1f kB, ", float64(l.MinBytes)/1e3) + out
	}
	if l.MaxDurationMs > 0 {
		out += fmt.Sprintf(", %g to %g s", float64(l.MinDurationMs)/1e3, float64(l.MaxDurationMs)/1e3)
	}
	if l.MinWidth > 0 {
		out += fmt.Sprintf(", from %d × %d pixels", l.MinWidth, l.MinHeight)
	}
	if l.MaxWidth > 0 {
		out += fmt.Sprintf(", at most %d pixels wide", l.MaxWidth)
	}
	if l.MinRatio > 0 || l.MaxRatio > 0 {
		out += fmt.Sprintf(", %g to %g wide for 1 high", l.MinRatio, l.MaxRatio)
	}
	if l.MaxFrameRate > 0 {
		out += fmt.Sprintf(", %g to %g pictures a second", l.MinFrameRate, l.MaxFrameRate)
	}
	if l.MaxPages > 0 {
		out += fmt.Sprintf(", at most %d pages", l.MaxPages)
	}
	if len(l.Codecs) > 0 {
		out += ", " + strings.Join(l.Codecs, " or ")
	}
	return out
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
