package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	metaMaxForm  = 4 << 20
	metaMaxPhoto = 10 << 20 // https://developers.facebook.com/docs/graph-api/reference/page/photos
	metaMaxChunk = 1 << 30
)

// graphUpload is the file of a multipart body, or what a "url" parameter pointed at.
type graphUpload struct {
	id     string // of the photo it becomes
	data   []byte
	tooBig bool
	image  imageInfo
}

// read collects the parameters from query and body: a form, a multipart form or a JSON object, whose nested values
// become JSON text as they would be in a form. The body's values win.
func (c *graphCall) read(r *http.Request) *graphError {
	c.params = r.URL.Query()
	kind, attrs, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	switch kind {
	case "multipart/form-data":
		err = c.readMultipart(multipart.NewReader(r.Body, attrs["boundary"]))
	case "application/json":
		err = c.readJSON(r.Body)
	default:
		err = c.readForm(r.Body)
	}
	if err != nil {
		return paramErr("The body cannot be read: %s", err)
	}
	c.raw = c.params.Get("access_token")
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && c.raw == "" {
		c.raw = bearer
	}
	return nil
}

func limited(r io.Reader, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, errors.New("the body ended early")
	}
	if int64(len(raw)) > limit {
		return nil, errors.New("the body is too large")
	}
	return raw, nil
}

func (c *graphCall) readForm(body io.Reader) error {
	raw, err := limited(body, metaMaxForm)
	if err != nil {
		return err
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return errors.New("not a form")
	}
	maps.Copy(c.params, form)
	return nil
}

func (c *graphCall) readJSON(body io.Reader) error {
	raw, err := limited(body, metaMaxForm)
	if err != nil {
		return err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(raw, &object); err != nil {
		return errors.New("not a JSON object")
	}
	for k, v := range object {
		var text string
		if json.Unmarshal(v, &text) != nil {
			text = string(v)
		}
		c.params.Set(k, text)
	}
	return nil
}

func (c *graphCall) readMultipart(mr *multipart.Reader) error {
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errors.New("the multipart body ended early")
		}
		if part.FormName() == "video_file_chunk" {
			if c.chunk, err = limited(part, metaMaxChunk); err != nil {
				return err
			}
			continue
		}
		if part.FileName() == "" && part.FormName() != "source" {
			raw, err := limited(part, metaMaxForm)
			if err != nil {
				return err
			}
			c.params.Set(part.FormName(), string(raw))
			continue
		}
		if part.FormName() != "source" {
			continue
		}
		if c.upload, err = readUpload(part); err != nil {
			return err
		}
	}
}

// readUpload keeps at most the allowed size; the rest is read and forgotten, so that the caller gets an answer.
func readUpload(r io.Reader) (*graphUpload, error) {
	var buf bytes.Buffer
	n, err := io.Copy(&buf, io.LimitReader(r, metaMaxPhoto+1))
	if err != nil {
		return nil, errors.New("the file ended early")
	}
	if n > metaMaxPhoto {
		_, _ = io.Copy(io.Discard, io.LimitReader(r, 1<<30)) // the refusal is the same however it ends
		return &graphUpload{tooBig: true}, nil
	}
	return &graphUpload{data: buf.Bytes()}, nil
}

func (c *graphCall) flag(name string, fallback bool) (bool, *graphError) {
	raw := c.params.Get(name)
	if raw == "" {
		return fallback, nil
	}
	v, err := strconv.ParseBool(strings.ToLower(raw))
	if err != nil {
		return false, paramErr("Param %s must be a boolean.", name)
	}
	return v, nil
}

// when reads a time parameter: unix seconds or one of the ISO 8601 forms.
func (c *graphCall) when(name string) (time.Time, *graphError) {
	raw := c.params.Get(name)
	if raw == "" {
		return time.Time{}, nil
	}
	if n, err := strconv.ParseInt(raw, 10, 64); err == nil {
		return time.Unix(n, 0).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05-0700", "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, raw); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, paramErr("Param %s must be a valid timestamp.", name)
}
