package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Budgets are far above what a bench does, so that the headers stay small unless a test sets them.
const metaHourBudget = 1_000_000

// metaUsage counts calls in the running hour.
type metaUsage struct {
	hour  int64
	calls int
}

func (u *metaUsage) add(now time.Time) int {
	if h := now.Unix() / 3600; h != u.hour {
		u.hour, u.calls = h, 0
	}
	u.calls++
	return u.calls * 100 / metaHourBudget
}

// appUsage and pageUsage are the two headers, as JSON. Times are in minutes, numbers in percent.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
func appUsage(percent int) string {
	raw, _ := json.Marshal(map[string]int{"call_count": percent, "total_time": percent / 2, "total_cputime": percent / 3}) // a map of ints always encodes
	return string(raw)
}

func pageUsage(page string, percent, minutes int) string {
	raw, _ := json.Marshal(map[string][]map[string]any{page: {{ // strings and ints always encode
		"type": "pages", "call_count": percent, "total_cputime": percent / 3, "total_time": percent / 2,
		"estimated_time_to_regain_access": minutes,
	}}})
	return string(raw)
}

// countUsage adds the call to the budgets and puts the headers into h. A spent budget refuses the call, and a call
// made while refused lengthens the block. The lock is held; page may be nil.
func (m *meta) countUsage(h http.Header, page *metaPage, now time.Time) *graphError {
	percent := m.appCalls.add(now)
	if m.st.AppThrottle.Percent > 0 {
		percent = m.st.AppThrottle.Percent
	}
	h.Set("X-App-Usage", appUsage(percent))
	if minutes := m.st.AppThrottle.left(now); minutes > 0 {
		m.st.AppThrottle.Until = m.st.AppThrottle.Until.Add(time.Minute)
		return limitErr(4, "Application request limit reached", h)
	}
	if page == nil {
		return nil
	}
	percent = page.Calls.add(now)
	minutes := page.Throttle.left(now)
	if page.Throttle.Percent > 0 && (minutes > 0 || page.Throttle.Percent < 100) {
		percent = page.Throttle.Percent
	}
	h.Set("X-Business-Use-Case-Usage", pageUsage(page.ID, percent, minutes))
	if minutes > 0 {
		page.Throttle.Until = page.Throttle.Until.Add(time.Minute)
		return limitErr(80001, "There have been too many calls to this Page account. Wait a bit and try again.", h)
	}
	return nil
}

// left is the rest of the block in whole minutes, at least 1 while it lasts.
func (t metaThrottle) left(now time.Time) int {
	if !now.Before(t.Until) {
		return 0
	}
	return int(t.Until.Sub(now).Minutes()) + 1
}

func limitErr(code int, message string, h http.Header) *graphError {
	e := oauthErr(code, 0, "(#%d) %s", code, message)
	e.status, e.header = http.StatusForbidden, h
	return e
}

// throttleFault is the injected refusal: 80001 with the Page's header for a call on a Page, else 4.
func (m *meta) throttleFault(f fault, path string) *graphError {
	h := http.Header{}
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	for seg := range strings.SplitSeq(path, "/") {
		if _, ok := m.st.Pages[seg]; ok && (f.Code == "" || f.Code == "80001") {
			h.Set("X-Business-Use-Case-Usage", pageUsage(seg, 100, max(f.Minutes, 1)))
			return limitErr(80001, "There have been too many calls to this Page account. Wait a bit and try again.", h)
		}
	}
	h.Set("X-App-Usage", appUsage(100))
	return limitErr(4, "Application request limit reached", h)
}
