package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The kinds of fault. Those named *_after, "truncated" and "huge" carry the call out and spoil its answer; "slow"
// waits and then carries it out; the rest refuse it untouched.
const (
	fault401         = "401"
	fault429         = "429"
	fault500         = "500"
	faultResetBefore = "reset_before"
	faultResetAfter  = "reset_after"
	faultErrorAfter  = "error_after"
	faultSlow        = "slow"
	faultSlowAfter   = "slow_after"
	faultHTML        = "html"
	faultTruncated   = "truncated"
	faultHuge        = "huge"
)

type faultKind struct {
	Name  string `json:"kind"`
	Title string `json:"title"`
}

func faultKinds() []faultKind {
	return []faultKind{
		{fault401, "Refuse: the token is expired"},
		{fault429, "Refuse: too many calls"},
		{fault500, "Refuse: server error"},
		{faultHTML, "Refuse: an HTML page with status 502"},
		{faultResetBefore, "Reset the connection before accepting"},
		{faultResetAfter, "Accept, then reset the connection"},
		{faultErrorAfter, "Accept, then answer with a server error"},
		{faultTruncated, "Accept, then cut the answer in half"},
		{faultHuge, "Accept, then answer with 64 MB"},
		{faultSlow, "Wait, then accept and answer"},
		{faultSlowAfter, "Accept, then wait, then answer"},
	}
}

// fault is one order to spoil the next calls of an operation.
type fault struct {
	ID      int        `json:"id"`
	Op      string     `json:"op"`                 // "meta.feed.create", "meta.*" or "*"
	Kind    string     `json:"kind"`               //
	Times   int        `json:"times"`              // calls left; 0 in a request means 1
	Skip    int        `json:"skip,omitempty"`     // calls that pass before
	Match   string     `json:"match,omitempty"`    // only calls whose path contains this, e.g. a Page id
	DelayMS int        `json:"delay_ms,omitempty"` // slow, slow_after
	Status  int        `json:"status,omitempty"`   // instead of the usual HTTP status
	Code    nativeCode `json:"code,omitempty"`     // instead of the platform's usual error code
	Subcode int        `json:"subcode,omitempty"`  //
	Minutes int        `json:"minutes,omitempty"`  // 429: estimated time until calls work again
}

// nativeCode is a platform's own name of an error: a number, or words ("spam_risk_too_many_posts"). JSON has either.
type nativeCode string //nolint:recvcheck // what decodes needs a pointer, what encodes must work without

// UnmarshalJSON takes a string or a number.
func (c *nativeCode) UnmarshalJSON(raw []byte) error {
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return fmt.Errorf("code: %w", err)
	}
	switch v := v.(type) {
	case string:
		*c = nativeCode(v)
	case float64:
		*c = nativeCode(strconv.FormatFloat(v, 'f', -1, 64))
	default:
		return errors.New("code must be a number or a text")
	}
	return nil
}

// MarshalJSON gives a number where it is one.
func (c nativeCode) MarshalJSON() ([]byte, error) {
	if n, err := strconv.Atoi(string(c)); err == nil {
		return []byte(strconv.Itoa(n)), nil
	}
	return json.Marshal(string(c))
}

// number is the code of a platform that counts them; 0 = none.
func (c nativeCode) number() int {
	n, _ := strconv.Atoi(string(c)) // words are no number
	return n
}

func (f fault) statusOr(status int) int {
	if f.Status != 0 {
		return f.Status
	}
	return status
}

func (f fault) delay() time.Duration { return time.Duration(f.DelayMS) * time.Millisecond }

func (f fault) covers(op, path string) bool {
	if !strings.Contains(path, f.Match) {
		return false
	}
	prefix, wild := strings.CutSuffix(f.Op, "*")
	return f.Op == op || wild && strings.HasPrefix(op, prefix)
}

// faultBoard holds the orders. Its own lock keeps it out of the platforms' way.
type faultBoard struct {
	mu     sync.Mutex
	nextID int
	list   []fault
}

// add checks and stores an order; ops are the names that exist.
func (b *faultBoard) add(f fault, ops []operation) (fault, error) {
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Times < 0 || f.DelayMS < 0 || f.Minutes < 0 || f.Skip < 0 {
		return fault{}, errors.New("times, skip, delay_ms and minutes must not be negative")
	}
	if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
		return fault{}, errors.New("status must be 400 to 599")
	}
	if !slices.ContainsFunc(faultKinds(), func(k faultKind) bool { return k.Name == f.Kind }) {
		return fault{}, fmt.Errorf("unknown kind %q", f.Kind)
	}
	probe := fault{Op: f.Op}
	if !slices.ContainsFunc(ops, func(o operation) bool { return probe.covers(o.Name, "") }) {
		return fault{}, fmt.Errorf("no operation is called %q", f.Op)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.nextID++
	f.ID = b.nextID
	b.list = append(b.list, f)
	return f, nil
}

// take gives the oldest order that covers the call and counts it down.
func (b *faultBoard) take(op, path string) (fault, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.list {
		if !b.list[i].covers(op, path) {
			continue
		}
		if b.list[i].Skip > 0 {
			b.list[i].Skip--
			continue
		}
		f := b.list[i]
		b.list[i].Times--
		if b.list[i].Times == 0 {
			b.list = slices.Delete(b.list, i, i+1)
		}
		return f, true
	}
	return fault{}, false
}

func (b *faultBoard) all() []fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.list)
}

// clear removes one order, or all of them for id 0.
func (b *faultBoard) clear(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.list = slices.DeleteFunc(b.list, func(f fault) bool { return id == 0 || f.ID == id })
}
