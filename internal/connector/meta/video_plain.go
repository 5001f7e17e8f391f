package meta

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

// optionTitle is the option that names a video.
const optionTitle = "title"

// codeOffset is the refusal of a piece that is not the wanted one; it says which one is.
// https://github.com/facebook/facebook-python-business-sdk/blob/main/facebook_business/video_uploader.py
const codeOffset = "6000/1363037"

// A plain video is uploaded in the three phases of /{page}/videos and not by a file handle: the start names the video,
// so that a lost answer to the end can be settled by asking for that video. A handle would leave nothing but the list
// of all videos to search. https://developers.facebook.com/docs/graph-api/reference/page/videos
func (p *post) startPlain(ctx context.Context) (connector.Values, error) {
	var answer struct {
		ID      string `json:"video_id"`
		Session string `json:"upload_session_id"`
		piece
	}
	res, err := p.phase(ctx, url.Values{"upload_phase": {"start"}, "file_size": {strconv.FormatInt(p.d.Media[0].Bytes, 10)}}, &answer)
	switch {
	case err != nil:
		return nil, err
	case answer.ID == "" || answer.Session == "":
		return nil, res.Unexpected("video_id and upload_session_id")
	case !answer.asksAt(0, p.d.Media[0].Bytes):
		return nil, res.Unexpected("the first piece of the video")
	}
	return connector.Values{
		"video_id": answer.ID, "session": answer.Session, "piece": strconv.FormatInt(answer.end(), 10), "at": strconv.FormatInt(p.c.cfg.Now().Unix(), 10),
	}, nil
}

// piece is the range of bytes that Meta wants next. The numbers come as text, or as numbers.
type piece struct {
	Start json.RawMessage `json:"start_offset"`
	End   json.RawMessage `json:"end_offset"`
}

func (q piece) start() int64 { return offsetOf(q.Start) }
func (q piece) end() int64   { return offsetOf(q.End) }

// offsetOf is -1 for what is no number.
func offsetOf(raw json.RawMessage) int64 {
	n, err := strconv.ParseInt(strings.Trim(string(raw), `"`), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// asksAt tells whether the piece begins at an offset and lies within a file of that size.
func (q piece) asksAt(offset, size int64) bool {
	return q.start() == offset && q.end() > offset && q.end() <= size
}

// sendPieces uploads from an offset to the end of the file, each piece as it is asked for.
func (p *post) sendPieces(ctx context.Context, s session, offset int64, most time.Duration) error {
	size, began, misses := p.d.Media[0].Bytes, time.Now(), 0
	for end := min(offset+s.piece, size); offset < size; {
		left := most - time.Since(began)
		if left <= 0 {
			e := problem.New(problem.Transient, "The upload of the video was cut; it goes on where it stopped.")
			e.Platform, e.Code = Platform, "upload_cut"
			return e
		}
		next, err := p.sendPiece(ctx, s, offset, end, left)
		if err == nil && next.start() == size {
			return nil
		}
		if err != nil && problem.Of(err).Code == codeOffset && next.asksAt(next.start(), size) && misses < 2 {
			misses++
			offset, end = next.start(), next.end()
			continue
		}
		if err != nil {
			return err
		}
		offset, end = next.start(), next.end()
	}
	return nil
}

// sendPiece is one call with bytes. What is wanted next comes with the answer, and with the refusal of a wrong piece.
func (p *post) sendPiece(ctx context.Context, s session, offset, end int64, most time.Duration) (piece, error) {
	m := p.d.Media[0]
	var next piece
	res, err := p.c.call(ctx, graph{
		op: opVideos, method: http.MethodPost, path: p.page() + "/videos", token: p.s.Credential.Access, http: p.s.HTTP, timeout: most,
		params: url.Values{"upload_phase": {"transfer"}, "upload_session_id": {s.key}, "start_offset": {strconv.FormatInt(offset, 10)}},
		upload: &rest.Upload{
			Field: "video_file_chunk", Name: m.Name, Type: "application/octet-stream", Bytes: end - offset,
			Open: func(ctx context.Context) (io.ReadCloser, error) { return m.Open(ctx, offset, end-offset) },
		},
	}, &next)
	switch {
	case err != nil && res != nil:
		var refusal struct {
			Error struct {
				Data json.RawMessage `json:"error_data"`
			} `json:"error"`
		}
		_ = json.Unmarshal(res.Body, &refusal) // without the data the refusal stands as it is
		raw := refusal.Error.Data
		if text := ""; json.Unmarshal(raw, &text) == nil { // some errors have it as text
			raw = json.RawMessage(text)
		}
		_ = json.Unmarshal(raw, &next)
		return next, err
	case err != nil:
		return piece{}, err
	case next.start() != m.Bytes && (next.start() <= offset || !next.asksAt(next.start(), m.Bytes)):
		return piece{}, res.Unexpected("the next piece of the video")
	}
	return next, nil
}

// plainParams are those of the call that makes a plain video visible.
func (p *post) plainParams(s session) url.Values {
	params := url.Values{"upload_phase": {"finish"}, "upload_session_id": {s.key}}
	if name, ok := p.d.Options[optionTitle].(string); ok {
		params.Set("title", name)
	}
	return params
}
