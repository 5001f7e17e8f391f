package meta

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

const (
	// sessionLife is how long an unfinished upload is used; Meta ends it after about a day.
	sessionLife = 20 * time.Hour
	// pollEvery is how often a video that is being processed is looked at, and processTime for how long.
	pollEvery   = 5 * time.Second
	processTime = time.Hour
)

// session is one upload of the draft's video.
type session struct {
	id, url string
	key     string // a plain video's: what names the upload
	piece   int64  // a plain video's: how many bytes are asked for at once
	fresh   bool   // made in this attempt: nothing was sent yet
}

// publishVideo publishes a reel, a story or another video in three phases: a session, the bytes, and the call that makes the video visible, which names
// the video and so cannot make two of it. Then the video is processed, which takes a while.
// https://developers.facebook.com/documentation/video-api/guides/reels-publishing, https://developers.facebook.com/docs/page-stories-api
func (p *post) publishVideo(ctx context.Context, steps connector.Steps) (connector.Receipt, error) {
	s, suffix, err := p.session(ctx, steps)
	if err != nil {
		return connector.Receipt{}, err
	}
	_, err = steps.Do(ctx, connector.Step{Name: "upload" + suffix, Repeatable: true, Run: func(ctx context.Context) (connector.Values, error) {
		return connector.Values{}, p.transfer(s).run(ctx, steps)
	}})
	if err != nil {
		return connector.Receipt{}, err
	}
	v, err := steps.Do(ctx, connector.Step{
		Name: "finish", Settle: settle,
		Find: func(ctx context.Context, since time.Time) (connector.Values, connector.Found, error) {
			return p.findVideo(ctx, since, steps)
		},
		Run: func(ctx context.Context) (connector.Values, error) { return p.finish(ctx, s) },
	})
	if err != nil {
		return connector.Receipt{}, err
	}
	return p.processed(ctx, v, steps)
}

// session gives an upload session young enough to be used; all of them stay known, because a finish call whose answer
// was lost may have used an older one. It is durable: a worker that takes over goes on with the same upload.
func (p *post) session(ctx context.Context, steps connector.Steps) (session, string, error) {
	for n := 1; ; n++ {
		suffix := ""
		if n > 1 {
			suffix = "_" + strconv.Itoa(n)
		}
		s := session{}
		v, err := steps.Do(ctx, connector.Step{Name: "session" + suffix, Repeatable: true, Durable: true, Run: func(ctx context.Context) (connector.Values, error) {
			s.fresh = true
			return p.start(ctx)
		}})
		if err != nil {
			return session{}, "", err
		}
		s.id, s.url, s.key = v["video_id"], v["upload_url"], v["session"]
		s.piece, _ = strconv.ParseInt(v["piece"], 10, 64) // written by startPlain, which has read it
		p.videos = append(p.videos, s.id)
		at, _ := strconv.ParseInt(v["at"], 10, 64) // written by start; without it the session counts as too old
		if p.c.cfg.Now().Sub(time.Unix(at, 0)) < sessionLife {
			return s, suffix, nil
		}
	}
}

// phase is one of the calls that begin and end an upload; the kind of post says where it goes.
func (p *post) phase(ctx context.Context, params url.Values, v any) (*rest.Response, error) {
	op := opReels
	switch p.d.Kind {
	case kindVideo:
		op = opVideos
	case kindVideoStory:
		op = opVideoStory
	}
	return p.c.call(ctx, graph{op: op, method: http.MethodPost, path: p.page() + "/" + string(op), token: p.s.Credential.Access, params: params, http: p.s.HTTP}, v)
}

func (p *post) start(ctx context.Context) (connector.Values, error) {
	if p.d.Kind == kindVideo {
		return p.startPlain(ctx)
	}
	var answer struct {
		ID  string `json:"video_id"`
		URL string `json:"upload_url"`
	}
	res, err := p.phase(ctx, url.Values{"upload_phase": {"start"}}, &answer)
	if err != nil {
		return nil, err
	}
	if answer.ID == "" {
		return nil, res.Unexpected("video_id")
	}
	if !strings.HasPrefix(answer.URL, p.c.cfg.UploadURL+"/") { // the token and the video go to no other host
		return nil, res.Unexpected("upload_url at " + p.c.cfg.UploadURL)
	}
	return connector.Values{"video_id": answer.ID, "upload_url": answer.URL, "at": strconv.FormatInt(p.c.cfg.Now().Unix(), 10)}, nil
}

// transfer sends the bytes that Facebook does not have yet.
func (p *post) transfer(s session) transfer {
	return transfer{
		fresh: s.fresh,
		arrived: func(ctx context.Context) (int64, bool, error) {
			status, err := p.c.video(ctx, p.s, s.id)
			if p.d.Kind == kindVideo && problem.ClassOf(err) == problem.NotFound {
				err = nil // it may not be shown before its end: the first piece's refusal names the place
			}
			bytes, whole := status.arrived()
			return bytes, whole, err
		},
		send: func(ctx context.Context, offset int64, most time.Duration) error {
			if p.d.Kind == kindVideo {
				return p.sendPieces(ctx, s, offset, most)
			}
			return p.c.sendFile(ctx, opUpload, p.s, p.d.Media[0], s.url, offset, most)
		},
	}
}

func (p *post) finish(ctx context.Context, s session) (connector.Values, error) {
	params := url.Values{"upload_phase": {"finish"}, "video_id": {s.id}}
	switch p.d.Kind {
	case kindVideo:
		params = p.plainParams(s)
	case kindReel:
		params.Set("video_state", "PUBLISHED")
	}
	if p.d.Text != "" {
		params.Set("description", p.d.Text)
	}
	var answer struct {
		Success bool `json:"success"`
	}
	res, err := p.phase(ctx, params, &answer)
	if err != nil {
		// What was published by an earlier call is refused now.
		if status, serr := p.c.video(ctx, p.s, s.id); serr == nil && status.accepted() {
			return p.finished(s.id), nil
		}
		return nil, onMedia(err, 0)
	}
	if !answer.Success {
		return nil, res.Unexpected("success") // it may be on its way: findVideo decides
	}
	return p.finished(s.id), nil
}

func (p *post) finished(id string) connector.Values {
	return connector.Values{"video_id": id, "at": strconv.FormatInt(p.c.cfg.Now().Unix(), 10)}
}

// findVideo asks whether the finish call has happened: the video is ours alone, so its own state is the answer. While
// it is processed it is a draft that may or may not become visible at the end; then one has to wait for the end.
func (p *post) findVideo(ctx context.Context, since time.Time, steps connector.Steps) (connector.Values, connector.Found, error) {
	for _, id := range p.videos {
		status, err := p.c.video(ctx, p.s, id)
		switch {
		case problem.ClassOf(err) == problem.NotFound: // an old upload that was cleaned away
			continue
		case err != nil:
			return nil, connector.Unknown, err
		case status.accepted():
			return p.finished(id), connector.Present, nil
		case status.processing() && p.c.cfg.Now().Sub(since) < processTime:
			return nil, connector.Unknown, steps.Wait(pollEvery, "Facebook is processing the video")
		case status.processing():
			return nil, connector.Unknown, nil
		}
	}
	return nil, connector.Absent, nil
}

// processed waits until the video is visible.
func (p *post) processed(ctx context.Context, v connector.Values, steps connector.Steps) (connector.Receipt, error) {
	id := v["video_id"]
	status, err := p.c.video(ctx, p.s, id)
	if err != nil {
		return connector.Receipt{}, err
	}
	at, _ := strconv.ParseInt(v["at"], 10, 64) // written by finished
	switch {
	case status.published():
		return connector.Receipt{ExternalID: id, Permalink: permalink(id, status.Permalink)}, nil
	case status.failed():
		e := invalid("media[0]", "Facebook could not process the video. Export it again as MP4 with H.264 and AAC and try again.", docReels)
		return connector.Receipt{}, e
	case p.c.cfg.Now().Sub(time.Unix(at, 0)) > processTime:
		e := problem.New(problem.Transient, fmt.Sprintf("Facebook has not finished processing the video within %s.", processTime))
		e.Platform, e.Code = Platform, "still_processing"
		return connector.Receipt{}, e
	default:
		return connector.Receipt{}, steps.Wait(pollEvery, "Facebook is processing the video")
	}
}

// reference asks what the webhooks call a video's post: they know it by another id than the calls do. It is a convenience,
// and the post is live, so no answer is no failure.
// https://developers.facebook.com/docs/graph-api/reference/video
func (p *post) reference(ctx context.Context, r *connector.Receipt, steps connector.Steps) error {
	v, err := steps.Do(ctx, connector.Step{Name: "post_id", Repeatable: true, Run: func(ctx context.Context) (connector.Values, error) {
		var video struct {
			PostID text `json:"post_id"`
		}
		_, err := p.c.call(ctx, graph{
			op: opPostID, method: http.MethodGet, path: url.PathEscape(r.ExternalID), token: p.s.Credential.Access, http: p.s.HTTP, params: url.Values{"fields": {"post_id"}},
		}, &video)
		if err != nil {
			p.c.cfg.Log.InfoContext(ctx, "the post of a video is not known", slog.String("error", err.Error()))
			return connector.Values{}, nil
		}
		id := string(video.PostID)
		if id == "" {
			return connector.Values{}, nil
		}
		if !strings.Contains(id, "_") { // some answers leave the Page out
			id = p.s.Account.ExternalID + "_" + id
		}
		return connector.Values{dataReference: id}, nil
	}})
	if id := v[dataReference]; id != "" {
		r.Data = map[string]string{dataReference: id}
	}
	return err
}

// dataReference is where a receipt says by what the webhooks name the post.
const dataReference = "reference"

// videoStatus is how far a video is. The misspelling is Meta's.
type videoStatus struct {
	Permalink string `json:"permalink_url"`
	Published bool   `json:"published"`
	Status    struct {
		Whole     string `json:"video_status"`
		Uploading struct {
			Status string `json:"status"`
			Bytes  int64  `json:"bytes_transfered"` //nolint:misspell // so it is
		} `json:"uploading_phase"`
		Processing struct {
			Status string `json:"status"`
		} `json:"processing_phase"`
		Publishing struct {
			Status        string `json:"status"`
			PublishStatus string `json:"publish_status"`
		} `json:"publishing_phase"`
	} `json:"status"`
}

// over tells whether a phase has ended well; Meta writes both words.
func over(phase string) bool { return phase == "complete" || phase == "completed" }

func (v videoStatus) arrived() (bytes int64, whole bool) {
	return max(v.Status.Uploading.Bytes, 0), over(v.Status.Uploading.Status)
}

// published tells whether people see it. The phases are documented of reels and stories; of other videos it is certain
// only that they are ready and say so themselves.
func (v videoStatus) published() bool {
	return v.Status.Publishing.PublishStatus == "published" || (v.Published && v.Status.Whole == "ready")
}

func (v videoStatus) processing() bool {
	return v.Status.Processing.Status == "in_progress" || v.Status.Whole == "processing"
}

// accepted tells whether the call that publishes has arrived.
func (v videoStatus) accepted() bool {
	return v.published() || over(v.Status.Publishing.Status) || v.Status.Publishing.Status == "in_progress"
}

func (v videoStatus) failed() bool {
	return slices.Contains([]string{"error", "upload_failed", "expired"}, v.Status.Whole) || v.Status.Processing.Status == "error" || v.Status.Publishing.Status == "error"
}

// video reads how far a video is. https://developers.facebook.com/docs/graph-api/reference/video
func (c *Connector) video(ctx context.Context, s connector.Session, id string) (videoStatus, error) {
	var v videoStatus
	res, err := c.call(ctx, graph{
		op: opVideo, method: http.MethodGet, path: url.PathEscape(id), token: s.Credential.Access, http: s.HTTP, params: url.Values{"fields": {"status,permalink_url,published"}},
	}, &v)
	if err == nil && v.Status.Whole == "" {
		err = res.Unexpected("status")
	}
	return v, err
}
