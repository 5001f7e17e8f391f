package publish

import (
	"fmt"
	"slices"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
)

// checkFile compares one file with the limits of its sort: a sentence for each rule it breaks.
func checkFile(l connector.FileLimit, m MediaRef, title string) []string {
	var out []string
	add := func(broken bool, format string, args ...any) {
		if broken {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	add(l.MaxBytes > 0 && m.Bytes > l.MaxBytes, "The file has %s; %s takes at most %s.", size(m.Bytes), title, size(l.MaxBytes))
	add(m.Bytes < l.MinBytes, "The file has %s; %s wants at least %s.", size(m.Bytes), title, size(l.MinBytes))
	px := int64(m.Width) * int64(m.Height)
	add(l.MaxPixels > 0 && px > l.MaxPixels, "The picture has %.1f megapixels; %s takes at most %.1f.", float64(px)/1e6, title, float64(l.MaxPixels)/1e6)
	add(l.MaxWidth > 0 && m.Width > l.MaxWidth, "The picture is %d pixels wide; %s takes at most %d.", m.Width, title, l.MaxWidth)
	add(m.Width < l.MinWidth || m.Height < l.MinHeight, "The picture has %d × %d pixels; %s wants at least %d × %d.", m.Width, m.Height, title, l.MinWidth, l.MinHeight)
	add(l.MaxPages > 0 && m.Pages > l.MaxPages, "The document has %d pages; %s takes at most %d.", m.Pages, title, l.MaxPages)
	if m.Height > 0 {
		ratio := float64(m.Width) / float64(m.Height)
		add(l.MinRatio > 0 && ratio < l.MinRatio || l.MaxRatio > 0 && ratio > l.MaxRatio, "The picture is %d × %d, which is %.2f : 1; %s wants %s.", m.Width, m.Height, ratio, title, span(l.MinRatio, l.MaxRatio, "%.2f : 1"))
	}
	seconds, shortest, longest := float64(m.DurationMs)/1e3, float64(l.MinDurationMs)/1e3, float64(l.MaxDurationMs)/1e3
	add(seconds < shortest || l.MaxDurationMs > 0 && seconds > longest, "The video is %.1f seconds long; %s wants %s.", seconds, title, span(shortest, longest, "%.0f seconds"))
	add(l.MinFrameRate > 0 && m.FrameRate < l.MinFrameRate || l.MaxFrameRate > 0 && m.FrameRate > l.MaxFrameRate,
		"The video has %.1f pictures a second; %s wants %s.", m.FrameRate, title, span(l.MinFrameRate, l.MaxFrameRate, "%.0f"))
	add(len(l.Codecs) > 0 && !slices.Contains(l.Codecs, m.Codec), "The video is encoded as %s; %s takes %s. Export it again.", codecNames(m.Codec), title, codecNames(l.Codecs...))
	return out
}

// span says what lies between two limits, of which a zero does not bound.
func span(from, to float64, format string) string {
	switch {
	case from == 0:
		return "at most " + fmt.Sprintf(format, to)
	case to == 0:
		return "at least " + fmt.Sprintf(format, from)
	default:
		return fmt.Sprintf(format, from) + " to " + fmt.Sprintf(format, to)
	}
}

// codecNames gives the names by which people and their programs know codecs. https://mp4ra.org/registered-types/codecs
func codecNames(codes ...string) string {
	known := map[string]string{"avc1": "H.264", "avc3": "H.264", "hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "vp09": "VP9", "mp4v": "MPEG-4 Visual"}
	var names []string
	for _, code := range codes {
		name, ok := known[code]
		if !ok {
			name = fmt.Sprintf("%q", code)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}
