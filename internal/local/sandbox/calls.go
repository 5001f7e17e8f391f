package sandbox

import (
	"log/slog"
	"strings"
	"sync"
	"time"
)

// keptCalls is how many calls the log remembers; older ones fall out.
const keptCalls = 20000

// callEntry is one platform call as it was seen. It has no query and no body, so it holds no secret.
type callEntry struct {
	Seq      int64     `json:"seq"`
	At       time.Time `json:"at"` // by the sandbox's clock
	Op       string    `json:"op"`
	Method   string    `json:"method"`
	Path     string    `json:"path"`
	Status   int       `json:"status"` // 0: no answer was sent
	Accepted bool      `json:"accepted"`
	Fault    string    `json:"fault,omitempty"`
	Millis   int64     `json:"ms"` // real time
}

// callLog is a ring of the last calls.
type callLog struct {
	mu   sync.Mutex
	seq  int64
	ring []callEntry
}

func (l *callLog) add(e callEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	e.Seq = l.seq
	if len(l.ring) < keptCalls {
		l.ring = append(l.ring, e)
		return
	}
	l.ring[(l.seq-1)%keptCalls] = e
}

// callFilter narrows a listing; zero values do not narrow.
type callFilter struct {
	after int64     // entries with a larger seq
	since time.Time // entries not before
	op    string
	match string // part of the path
}

func (f callFilter) keeps(e callEntry) bool {
	return !e.At.Before(f.since) && (f.op == "" || f.op == e.Op) && strings.Contains(e.Path, f.match)
}

// list gives the entries, oldest first, and the seq of the newest call there is.
func (l *callLog) list(f callFilter) ([]callEntry, int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []callEntry{}
	for seq := max(l.seq-int64(len(l.ring)), f.after) + 1; seq <= l.seq; seq++ {
		if e := l.ring[(seq-1)%keptCalls]; f.keeps(e) {
			out = append(out, e)
		}
	}
	return out, l.seq
}

func (l *callLog) last() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seq
}

// clear forgets the calls. The numbers go on, so that a "since" taken before still means the same.
func (l *callLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring = nil
	l.seq += keptCalls - l.seq%keptCalls
}

func slogCall(e callEntry) []any {
	return []any{
		slog.String("op", e.Op), slog.String("method", e.Method), slog.String("path", e.Path),
		slog.Int("status", e.Status), slog.Bool("accepted", e.Accepted), slog.String("fault", e.Fault), slog.Int64("ms", e.Millis),
	}
}

func errAttr(err error) slog.Attr { return slog.String("error", err.Error()) }
