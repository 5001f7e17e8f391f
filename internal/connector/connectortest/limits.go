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
			at := publish.Content{Kind: p.Kind, TextField: "text", Text: strings.Repeat("a", p.Text.Max)}
			for range p.Media.Min {
				at.Media = append(at.Media, largest(p.Media))
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
			if p.Text.Required {
				refuse("text", p.Text.Source, func(c *publish.Content) { c.Text = " \n" })
			}
			refuse("media", p.Media.Source, func(c *publish.Content) {
				for range p.Media.Max - p.Media.Min + 1 {
					c.Media = append(c.Media, largest(p.Media))
				}
			})
			if p.Media.Min == 0 {
				continue
			}
			refuse("media", p.Media.Source, func(c *publish.Content) { c.Media = c.Media[:p.Media.Min-1] })
			if p.Media.MaxBytes > 0 {
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].Bytes++ })
			}
			refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].Type = "application/pdf" })
			if p.Media.MaxAlt > 0 {
				refuse("media[0].alt", p.Media.Source, func(c *publish.Content) { c.Media[0].Alt = strings.Repeat("a", p.Media.MaxAlt+1) })
			}
			if p.Media.MaxDurationMs > 0 {
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].DurationMs++ })
			}
			if p.Media.MinDurationMs > 0 {
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].DurationMs = p.Media.MinDurationMs - 1 })
			}
			if p.Media.MinWidth > 0 {
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].Width-- })
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].Height-- })
			}
			if p.Media.MaxRatio > 0 {
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].Width = int(float64(c.Media[0].Height)*p.Media.MaxRatio) + 1 })
			}
			if p.Media.MinRatio > 0 {
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].Height = int(float64(c.Media[0].Width)/p.Media.MinRatio) + 1 })
			}
			if p.Media.MaxFrameRate > 0 {
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].FrameRate += 0.1 })
				refuse("media[0]", p.Media.Source, func(c *publish.Content) { c.Media[0].FrameRate = p.Media.MinFrameRate - 0.1 })
			}
		}
	}
}

func largest(m connector.MediaLimit) publish.MediaRef {
	if len(m.Types) == 0 { // where none may be
		return publish.MediaRef{ID: "med_1", Type: "image/png", Bytes: 1, Width: 1, Height: 1}
	}
	return publish.MediaRef{
		ID: "med_1", Type: m.Types[0], Bytes: m.MaxBytes, Width: max(m.MinWidth, 1), Height: max(m.MinHeight, 1),
		DurationMs: m.MaxDurationMs, FrameRate: m.MaxFrameRate,
	}
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
