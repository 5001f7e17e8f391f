package connectortest

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/publish"
)

// checkLimits holds the check before acceptance against the description: what is exactly at a limit passes, one over
// is refused with the field and the rule's document. The check makes no call at all.
func checkLimits(t T, h Harness) {
	for _, a := range h.rig(t, "https://platform.invalid").Info().Accounts {
		for _, p := range a.Posts {
			at := publish.Content{Kind: p.Kind, TextField: "text", Text: strings.Repeat("a", p.Text.Max), Options: h.optionsOf(a.Kind, p.Kind)}
			if p.LinkRequired {
				at.Link = "https://cafe.example/"
			}
			for i := range p.Media.Min {
				at.Media = append(at.Media, largest(p.Media, i))
			}
			require.Empty(t, publish.Check(a, "con_1", "targets[0]", at), "%s at its limits", p.Kind)
			refuse := func(field, rule string, change func(*publish.Content)) {
				t.Helper()
				over := at
				over.Media = append([]publish.MediaRef{}, at.Media...)
				change(&over)
				found := publish.Check(a, "con_1", "targets[0]", over)
				require.NotEmpty(t, found, "%s: %s over the limit", p.Kind, field)
				require.Equal(t, field, found[0].Field)
				require.Equal(t, rule, found[0].Rule)
				require.Equal(t, "con_1", found[0].ConnectionID)
				sentence(t, found[0].Message)
			}
			refuse("text", p.Text.Source, func(c *publish.Content) { c.Text += "a" })
			if !p.Text.None {
				refuse("text", p.Text.Source, func(c *publish.Content) { c.Text = strings.Repeat("a", p.Text.Max-1) + widest(p.Text.Unit) })
			}
			for sign, most := range map[string]int{"#": p.Text.MaxHashtags, "@": p.Text.MaxMentions} {
				if most == 0 {
					continue
				}
				tagged := at
				tagged.Text = strings.Repeat(sign+"a ", most)
				require.Empty(t, publish.Check(a, "con_1", "targets[0]", tagged), "%s with as many %s as allowed", p.Kind, sign)
				refuse("text", p.Text.Source, func(c *publish.Content) { c.Text = strings.Repeat(sign+"a ", most+1) })
			}
			if len(p.Options) > 0 {
				refuse("targets[0].options.no_such_option", p.Source, func(c *publish.Content) { c.Options = map[string]any{"no_such_option": "a"} })
			}
			if p.LinkRequired {
				refuse("link", p.Source, func(c *publish.Content) { c.Link = "" })
			}
			if p.Text.Required {
				refuse("text", p.Text.Source, func(c *publish.Content) { c.Text = " \n" })
			}
			refuse("media", p.Media.Source, func(c *publish.Content) {
				for i := range p.Media.Max - p.Media.Min + 1 {
					c.Media = append(c.Media, largest(p.Media, i))
				}
			})
			if p.Media.Min == 0 {
				continue
			}
			refuse("media", p.Media.Source, func(c *publish.Content) { c.Media = c.Media[:p.Media.Min-1] })
			refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].Type = "application/x-nothing" })
			for i, f := range p.Media.Files {
				over := func(field string, change func(*publish.MediaRef)) {
					t.Helper()
					refuse("media[0]"+field, f.Source, func(c *publish.Content) {
						c.Media[0] = largest(p.Media, i)
						change(&c.Media[0])
					})
				}
				checkFile(f, over)
			}
		}
	}
}

// optionsOf are those of a draft of the kind: some kinds of post cannot do without.
func (h Harness) optionsOf(account, kind string) map[string]any {
	for name, d := range h.Drafts {
		if kindOf(name) == account && d.Kind == kind {
			return d.Options
		}
	}
	return nil
}

// checkFile goes over each limit of one sort of file.
func checkFile(f connector.FileLimit, over func(field string, change func(*publish.MediaRef))) {
	if f.MaxBytes > 0 {
		over("", func(m *publish.MediaRef) { m.Bytes++ })
	}
	if f.MinBytes > 0 {
		over("", func(m *publish.MediaRef) { m.Bytes = f.MinBytes - 1 })
	}
	if f.MaxAlt > 0 {
		over(".alt", func(m *publish.MediaRef) { m.Alt = strings.Repeat("a", f.MaxAlt+1) })
	}
	if f.NoAlt {
		over(".alt", func(m *publish.MediaRef) { m.Alt = "a" })
	}
	if f.MaxDurationMs > 0 {
		over("", func(m *publish.MediaRef) { m.DurationMs++ })
	}
	if f.MinDurationMs > 0 {
		over("", func(m *publish.MediaRef) { m.DurationMs = f.MinDurationMs - 1 })
	}
	if f.MinWidth > 0 {
		over("", func(m *publish.MediaRef) { m.Width-- })
		over("", func(m *publish.MediaRef) { m.Height-- })
	}
	if f.MaxWidth > 0 {
		over("", func(m *publish.MediaRef) { m.Width, m.Height = f.MaxWidth+1, f.MaxWidth+1 })
	}
	if f.MaxRatio > 0 {
		over("", func(m *publish.MediaRef) { m.Width = int(float64(m.Height)*f.MaxRatio) + 1 })
	}
	if f.MinRatio > 0 {
		over("", func(m *publish.MediaRef) { m.Height = int(float64(m.Width)/f.MinRatio) + 1 })
	}
	if f.MaxFrameRate > 0 {
		over("", func(m *publish.MediaRef) { m.FrameRate += 0.1 })
		over("", func(m *publish.MediaRef) { m.FrameRate = f.MinFrameRate - 0.1 })
	}
	if len(f.Codecs) > 0 {
		over("", func(m *publish.MediaRef) { m.Codec = "none" })
	}
}

// largest is a file of the nth sort at its limits; after the last sort it begins again.
func largest(m connector.MediaLimit, n int) publish.MediaRef {
	if len(m.Files) == 0 { // where none may be
		return publish.MediaRef{ID: "med_1", Type: "image/png", Bytes: 1, Width: 1, Height: 1}
	}
	f := m.Files[n%len(m.Files)]
	ref := publish.MediaRef{
		ID: "med_1", Type: f.Types[0], Bytes: max(f.MaxBytes, f.MinBytes), Width: max(f.MinWidth, 1), Height: max(f.MinHeight, 1), DurationMs: f.MaxDurationMs, FrameRate: f.MaxFrameRate,
	}
	if len(f.Codecs) > 0 {
		ref.Codec = f.Codecs[0]
	}
	return ref
}

// widest is a text of one code point that needs more than one of the unit, or two where the unit is the code point.
func widest(u connector.Unit) string {
	switch u {
	case connector.UTF16Units, connector.Bytes:
		return "😀"
	default:
		return "ab"
	}
}
