package tiktok

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
)

// post is one draft on its way to one account. A round is one task at TikTok: a task that failed is not there and never
// will be, so the next attempt begins another one. The names of steps end with the number of their round.
type post struct {
	c     *Connector
	s     connector.Session
	d     connector.Draft
	o     options
	steps connector.Steps
}

// Names in the results of steps. reference is also how webhooks name the post.
const (
	valReference = "reference"
	valUploadURL = "upload_url"
	valAt        = "at" // epoch milliseconds
	valUsername  = "username"
	valStatus    = "status"
	valReason    = "reason"
	valID        = "id"
	valVoid      = "void"
)

// Publish implements connector.Connector.
func (c *Connector) Publish(ctx context.Context, s connector.Session, d connector.Draft, steps connector.Steps) (connector.Receipt, error) {
	p := &post{c: c, s: s, d: d, steps: steps}
	if err := p.check(); err != nil {
		return connector.Receipt{}, err
	}
	for n := 1; ; n++ {
		fresh := false
		end, err := p.round(ctx, n, &fresh)
		if err != nil {
			return connector.Receipt{}, err
		}
		switch {
		case end[valVoid] != "", end[valStatus] == statusFailed && !fresh:
			continue // nothing is there: the next round
		case end[valStatus] == statusFailed:
			e := failure(end[valReason], p.photos())
			if e.Class == problem.Transient && n >= maxRounds && e.Code != "internal" {
				e.Class, e.Action = problem.InvalidContent, problem.DefaultAction(problem.InvalidContent)
			}
			return connector.Receipt{}, e
		default:
			return p.receipt(end), nil
		}
	}
}

// maxRounds is how often files are fetched again that could not be fetched.
const maxRounds = 3

// round takes the post to the end of one task. fresh says whether that end was seen in this attempt.
func (p *post) round(ctx context.Context, n int, fresh *bool) (connector.Values, error) {
	suffix := "_" + strconv.Itoa(n)
	task, err := p.hand(ctx, suffix)
	if err != nil || task[valVoid] != "" {
		return task, err
	}
	return p.steps.Do(ctx, connector.Step{Name: "outcome" + suffix, Repeatable: true, Durable: true, Run: func(ctx context.Context) (connector.Values, error) {
		*fresh = true
		return p.outcome(ctx, task)
	}})
}

// hand gives the post to TikTok, and its reference. A void one is certainly not there.
func (p *post) hand(ctx context.Context, suffix string) (connector.Values, error) {
	if p.photos() {
		return p.handPhotos(ctx, suffix)
	}
	return p.handVideo(ctx, suffix)
}

func (p *post) photos() bool { return p.d.Kind == kindPhotos || p.d.Kind == kindPhotosDraft }
func (p *post) draft() bool  { return needs(p.d.Kind) == scopeUpload }

// check repeats what the check before acceptance has found out, since what was accepted may be old.
func (p *post) check() error {
	var err error
	if p.o, err = readOptions(p.d); err != nil {
		return err
	}
	n, most := len(p.d.Media), maxTitle
	if p.photos() {
		most = maxDescription
	}
	switch {
	case !slices.Contains([]string{kindVideo, kindVideoDraft, kindPhotos, kindPhotosDraft}, p.d.Kind):
		return invalid("kind", "Herald cannot publish this kind of post to TikTok.", docDirect)
	case p.d.Link != "":
		return invalid("link", "A post on TikTok has no link of its own.", docDirect)
	case !p.photos() && (n != 1 || !strings.HasPrefix(p.d.Media[0].Type, "video/")):
		return invalid("media", "This kind of post on TikTok has exactly one video.", docDirect)
	case p.photos() && (n < 1 || n > maxPhotoCount):
		return invalid("media", "A post with photos on TikTok has 1 to 35 of them.", docPhotos)
	case p.d.Kind == kindVideoDraft && (p.d.Text != "" || len(p.d.Options) > 0):
		return invalid("text", "A video for the inbox gets its text and its settings in the TikTok app.", docInbox)
	case units(p.d.Text) > most:
		return invalid("text", fmt.Sprintf("The text is too long: TikTok takes %d characters, and an emoji counts as two.", most), docDirect)
	case units(p.o.Title) > maxPhotoTitle:
		return invalid("options."+optTitle, "The title is too long: TikTok takes 90 characters, and an emoji counts as two.", docPhotos)
	case p.photos() && p.o.Picture > n:
		return invalid("options."+optPicture, "There is no picture of this number.", docPhotos)
	}
	if p.photos() {
		for i, m := range p.d.Media {
			if m.Type != "image/jpeg" && m.Type != "image/webp" {
				return invalid(fmt.Sprintf("media[%d]", i), "TikTok takes pictures as JPEG or WebP.", docTransfer)
			}
			if min(m.Width, m.Height) > shortSide || max(m.Width, m.Height) > longSide {
				return invalid(fmt.Sprintf("media[%d]", i), "TikTok takes pictures of at most 1080 × 1920 pixels, upright or lying.", docTransfer)
			}
		}
	}
	if p.draft() {
		return nil
	}
	return p.o.check()
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// askedAgain is how old what the account offers may be when the post is handed over.
const askedAgain = time.Minute

// ready asks what the account offers, right before anything is sent, and refuses what it does not offer any more. Drafts go
// to the inbox, where the person chooses.
func (p *post) ready(ctx context.Context, suffix string) (connector.Values, error) {
	if p.draft() {
		return connector.Values{}, nil
	}
	return p.steps.Do(ctx, connector.Step{Name: "creator" + suffix, Repeatable: true, Run: p.ask})
}

func (p *post) ask(ctx context.Context) (connector.Values, error) {
	k, err := p.c.creator(ctx, p.s)
	if err != nil {
		return nil, err
	}
	by := k.choices()
	if err := p.o.offered(by); err != nil {
		return nil, err
	}
	if !p.photos() && p.d.Media[0].DurationMs > by.longestMs {
		return nil, invalid("media[0]", fmt.Sprintf("The account may post videos of at most %d seconds.", by.longestMs/1000), docGuidelines)
	}
	return connector.Values{valUsername: k.Username, valAt: p.now()}, nil
}

// stillReady asks again where the answer has become old: nothing was sent yet, whatever comes of it.
func (p *post) stillReady(ctx context.Context, asked connector.Values) error {
	if p.draft() || p.c.cfg.Now().Sub(at(asked)) < askedAgain {
		return nil
	}
	if _, err := p.ask(ctx); err != nil {
		if ctx.Err() != nil {
			return err
		}
		e := *problem.Of(err)
		e.NotSent = true
		return &e
	}
	return nil
}

func (p *post) now() string { return strconv.FormatInt(p.c.cfg.Now().UnixMilli(), 10) }

// at is when a step's result was made.
func at(v connector.Values) time.Time {
	n, _ := strconv.ParseInt(v[valAt], 10, 64) // written by now; without it the result counts as very old
	return time.UnixMilli(n)
}

// videoInfo is what a video says beside its bytes. What is switched off is said, because TikTok's default is on.
func (p *post) videoInfo() map[string]any {
	info := map[string]any{
		"title": p.d.Text, "privacy_level": p.o.Privacy, "disable_comment": !p.o.Comment, "disable_duet": !p.o.Duet, "disable_stitch": !p.o.Stitch,
		"brand_content_toggle": p.o.Branded, "brand_organic_toggle": p.o.Own, "is_aigc": p.o.AI,
	}
	if p.o.Cover > 0 {
		info["video_cover_timestamp_ms"] = int64(math.Round(p.o.Cover * 1000))
	}
	return info
}

func (p *post) photoInfo() map[string]any {
	info := map[string]any{"title": p.o.Title, "description": p.d.Text}
	if p.draft() {
		return info
	}
	info["privacy_level"], info["disable_comment"], info["auto_add_music"] = p.o.Privacy, !p.o.Comment, p.o.Music
	info["brand_content_toggle"], info["brand_organic_toggle"] = p.o.Branded, p.o.Own
	return info
}

// receipt names the post. Without an id, which only public posts get and often later, its reference does.
func (p *post) receipt(end connector.Values) connector.Receipt {
	r := connector.Receipt{ExternalID: end[valID], Data: map[string]string{}}
	if ref := end[valReference]; ref != "" {
		r.Data[valReference] = ref
		if r.ExternalID == "" {
			r.ExternalID = ref
		}
	}
	if name := end[valUsername]; name != "" && end[valID] != "" {
		r.Permalink = p.c.permalink(name, end[valID], p.photos())
	}
	if end[valStatus] == statusInbox {
		r.Note = "It waits in the inbox of the TikTok app. Open the app and finish it there."
	}
	return r
}

// permalink is where a post is shown.
func (c *Connector) permalink(username, id string, photos bool) string {
	kind := "video"
	if photos {
		kind = "photo"
	}
	return c.cfg.DialogURL + "/@" + url.PathEscape(username) + "/" + kind + "/" + url.PathEscape(id)
}

// The ends of a task, and what comes before them.
const (
	statusUpload   = "PROCESSING_UPLOAD"
	statusDownload = "PROCESSING_DOWNLOAD"
	statusInbox    = "SEND_TO_USER_INBOX"
	statusComplete = "PUBLISH_COMPLETE"
	statusFailed   = "FAILED"
)

// status is how a task is doing. The misspelling is TikTok's.
// https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status
type status struct {
	Status   string `json:"status"`
	Reason   string `json:"fail_reason"`
	Uploaded int64  `json:"uploaded_bytes"`
	IDs      idList `json:"publicaly_available_post_id"` //nolint:misspell // so it is
}

func (c *Connector) status(ctx context.Context, s connector.Session, reference string) (status, error) {
	var v status
	res, err := c.call(ctx, request{op: opStatus, method: http.MethodPost, path: "/v2/post/publish/status/fetch/", session: s, body: map[string]string{"publish_id": reference}}, &v)
	if err == nil && v.Status == "" {
		err = res.Unexpected("status")
	}
	return v, err
}

// outcome waits for the end of a task.
func (p *post) outcome(ctx context.Context, task connector.Values) (connector.Values, error) {
	end := connector.Values{valReference: task[valReference], valUsername: task[valUsername]}
	if id := task[valID]; id != "" { // found among the account's posts
		end[valID], end[valStatus] = id, statusComplete
		return end, nil
	}
	v, err := p.c.status(ctx, p.s, task[valReference])
	if err != nil {
		return nil, err
	}
	switch v.Status {
	case statusComplete, statusInbox, statusFailed:
		end[valStatus], end[valReason] = v.Status, v.Reason
		if len(v.IDs) > 0 {
			end[valID] = v.IDs[0]
		}
		return end, nil
	}
	age := p.c.cfg.Now().Sub(at(task))
	if age > processTime {
		e := problem.New(problem.Transient, "TikTok has not finished processing the post within a day.")
		e.Platform, e.Code = Platform, "still_processing"
		return nil, e
	}
	return nil, p.steps.Wait(pollAfter(age), "TikTok is processing the post")
}

// processTime is how long a post may be processed.
const processTime = 24 * time.Hour

// pollAfter is how long to wait before asking again: soon at first, and rarely after a quarter of an hour.
func pollAfter(age time.Duration) time.Duration {
	for _, step := range []struct{ until, wait time.Duration }{
		{2 * time.Second, 2 * time.Second},
		{7 * time.Second, 5 * time.Second},
		{17 * time.Second, 10 * time.Second},
		{15 * time.Minute, 30 * time.Second},
		{time.Hour, 5 * time.Minute},
	} {
		if age < step.until {
			return step.wait
		}
	}
	return time.Hour
}
