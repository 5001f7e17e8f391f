package sandbox

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// serveAvatar draws a profile picture ("<id>.svg") or a timeline's cover ("<id>-cover.svg") from the name, so that the
// sandbox needs no picture files and every account is told apart at a glance.
func (s *Sandbox) serveAvatar(w http.ResponseWriter, r *http.Request) {
	id, ok := strings.CutSuffix(r.PathValue("file"), ".svg")
	id, cover := strings.CutSuffix(id, "-cover")
	name := ""
	if p, known := s.platform(r.PathValue("platform")); known {
		s.mu.Lock()
		name = nameOf(p.people(), id)
		s.mu.Unlock()
	}
	if !ok || name == "" {
		http.NotFound(w, r)
		return
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // a hash never fails
	hue := int(h.Sum32() % 360)
	svg := avatarSVG(name, hue)
	if cover {
		svg = coverSVG(hue)
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Cache-Control", "max-age=300")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	_, _ = w.Write([]byte(svg)) // a browser that went away is not our problem
}

// nameOf finds a person or an account; "" when there is none.
func nameOf(people []personView, id string) string {
	for _, p := range people {
		if p.ID == id {
			return p.Name
		}
		for _, a := range p.Accounts {
			if a.ID == id {
				return a.Name
			}
		}
	}
	return ""
}

// avatarPath is where serveAvatar draws; suffix is "" or "-cover".
func avatarPath(platform, id, suffix string) string {
	return "/" + platform + "/avatars/" + url.PathEscape(id+suffix) + ".svg"
}

func avatarSVG(name string, hue int) string {
	initials := ""
	for word := range strings.FieldsSeq(name) {
		if r := []rune(word)[0]; len(initials) < 2 && (unicode.IsLetter(r) && r < 128 || unicode.IsDigit(r) && r < 128) {
			initials += string(unicode.ToUpper(r))
		}
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><rect width="96" height="96" fill="hsl(%d 45%% 42%%)"/><text x="48" y="50" fill="#fff" font-family="system-ui,sans-serif" font-size="38" font-weight="600" text-anchor="middle" dominant-baseline="central">%s</text></svg>`, hue, initials)
}

func coverSVG(hue int) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 240" preserveAspectRatio="xMidYMid slice"><rect width="960" height="240" fill="hsl(%d 40%% 72%%)"/><path d="M0 190C160 130 300 210 480 160S800 90 960 150V240H0z" fill="hsl(%d 42%% 60%%)"/><path d="M0 215C200 170 340 235 560 195S840 150 960 190V240H0z" fill="hsl(%d 45%% 48%%)"/><circle cx="760" cy="70" r="34" fill="hsl(%d 70%% 86%%)"/></svg>`, hue, hue, hue, (hue+40)%360)
}
