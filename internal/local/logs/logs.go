// Package logs makes the log of the local functions readable: one line per record, quiet where nothing is to be seen.
package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Printer writes readable lines. Safe for concurrent use.
type Printer struct {
	W      io.Writer
	Colour bool
	Debug  bool // show DEBUG records

	mu sync.Mutex
}

// invoke is the launcher's line about one invocation.
type invoke struct {
	Function string `json:"function"`
	Error    bool   `json:"error"`
	Millis   int64  `json:"ms"`
	Log      string `json:"log"`
}

// Invoke prints what one invocation logged. A line that is not the launcher's is printed as it is.
func (p *Printer) Invoke(line []byte) {
	var in invoke
	if json.Unmarshal(line, &in) != nil || in.Function == "" {
		p.write(string(bytes.TrimSpace(line)) + "\n")
		return
	}
	var b strings.Builder
	name := ShortName(in.Function)
	for l := range strings.Lines(in.Log) {
		p.record(&b, name, strings.TrimRight(l, "\r\n"))
	}
	if in.Error {
		p.line(&b, time.Now(), "ERROR", name, fmt.Sprintf("the invocation failed after %d ms", in.Millis), nil)
	}
	p.write(b.String())
}

func (p *Printer) write(s string) {
	if s == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.W, s)
}

// hidden are the fields that say nothing on a laptop or have their own column.
func hidden() []string {
	return []string{"time", "timestamp", "level", "msg", "message", "type", "stage", "service", "function", "functionName", "functionArn", "tenantId"}
}

// record prints one line of a function's log: a slog JSON object, or plain text such as a panic.
func (p *Printer) record(b *strings.Builder, name, line string) {
	if strings.TrimSpace(line) == "" || platformLine(line) {
		return
	}
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		p.line(b, time.Now(), "", name, line, nil)
		return
	}
	if fields["_aws"] != nil { // a metric in embedded format: for CloudWatch, not for eyes
		return
	}
	level := strings.ToUpper(text(first(fields, "level")))
	if level == "DEBUG" && !p.Debug {
		return
	}
	at, err := time.Parse(time.RFC3339Nano, text(first(fields, "time", "timestamp")))
	if err != nil {
		at = time.Now()
	}
	var rest []string
	for k, v := range fields {
		if v != "" && !slices.Contains(hidden(), k) {
			rest = append(rest, p.paint(dim, k+"=")+quoted(v))
		}
	}
	slices.Sort(rest)
	p.line(b, at, level, name, text(first(fields, "msg", "message")), rest)
}

// platformLine recognises what Lambda itself logs around each invocation.
func platformLine(l string) bool {
	for _, prefix := range []string{"START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START", `{"time":"","type":"platform.`} {
		if strings.HasPrefix(l, prefix) {
			return true
		}
	}
	return false
}

func (p *Printer) line(b *strings.Builder, at time.Time, level, name, msg string, rest []string) {
	colour := map[string]string{"ERROR": red, "WARN": yellow, "INFO": green, "DEBUG": dim}[level]
	b.WriteString(p.paint(dim, at.Local().Format("15:04:05.000")))
	b.WriteString(" " + p.paint(colour, fmt.Sprintf("%-5s", level)))
	b.WriteString(" " + p.paint(cyan, fmt.Sprintf("%-12s", name)))
	b.WriteString(" " + msg)
	if len(rest) > 0 {
		b.WriteString("  " + strings.Join(rest, " "))
	}
	b.WriteString("\n")
}

const (
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	dim    = "2"
)

func (p *Printer) paint(code, s string) string {
	if !p.Colour || code == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func first(m map[string]any, keys ...string) any {
	for _, k := range keys {
		if v, ok := m[k]; ok {
			return v
		}
	}
	return nil
}

func text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	default:
		b, _ := json.Marshal(x) // decoded from JSON a moment ago
		return string(b)
	}
}

func quoted(v any) string {
	s := text(v)
	if s == "" || strings.ContainsAny(s, " \t\n\"") {
		b, _ := json.Marshal(s) // a string always encodes
		return string(b)
	}
	return s
}

var physicalName = regexp.MustCompile(`^[^-]+-(.+?)(?:Function)?-[A-Za-z0-9]{6,}$`)

// ShortName makes a deployed function's name readable: herald-PostsFunction-1A2B3C4D5E6F is posts.
func ShortName(function string) string {
	if m := physicalName.FindStringSubmatch(function); m != nil {
		function = m[1]
	}
	return strings.ToLower(function)
}
