package linkedin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/herald-publishing/herald/internal/connector"
	"github.com/herald-publishing/herald/internal/problem"
	"github.com/herald-publishing/herald/internal/rest"
)

const (
	pollFirst = 3 * time.Second
	pollMost  = time.Minute
	// workedFor is how long LinkedIn may work on a file before it is given up.
	workedFor = 6 * time.Hour
	// sliceEnd is kept free at the end of an invocation, of a short one a quarter: no part of a video is begun in it.
	sliceEnd = 20 * time.Second
	// partsAStep are kept in the journal together.
	partsAStep = 8
)

// uploadAll makes sure that every file is at LinkedIn and can be attached.
func (p *post) uploadAll(ctx context.Context, steps connector.Steps) error {
	for i := range p.d.Media {
		var urn, at string
		var err error
		switch p.d.Kind {
		case kindVideo:
			urn, at, err = p.uploadVideo(ctx, steps)
		case kindDocument:
			urn, at, err = p.uploadFile(ctx, steps, "documents", opDocument, i)
		default:
			urn, at, err = p.uploadFile(ctx, steps, "images", opImage, i)
		}
		if err != nil {
			return onFile(err, i)
		}
		p.media, p.uploaded = append(p.media, urn), at
		if err := p.ready(ctx, steps, urn, at, i); err != nil {
			return err
		}
	}
	return nil
}

// onFile names the file that an error is about: the table says media[0] for whichever it is.
func onFile(err error, i int) error {
	e := (*problem.Error)(nil)
	if errors.As(err, &e) && e.Field == "media[0]" {
		return e.On("media[" + strconv.Itoa(i) + "]")
	}
	return err
}

type initialized struct {
	Value struct {
		UploadURL string `json:"uploadUrl"`
		Image     string `json:"image"`
		Document  string `json:"document"`
		Video     string `json:"video"`
		Token     string `json:"uploadToken"`
		Ends      int64  `json:"uploadUrlsExpireAt"` // epoch milliseconds
		Parts     []struct {
			URL   string `json:"uploadUrl"`
			First int64  `json:"firstByte"`
			Last  int64  `json:"lastByte"` // inclusive
		} `json:"uploadInstructions"`
	} `json:"value"`
}

// begin asks for somewhere to upload to. more are fields that only videos have.
func (p *post) begin(ctx context.Context, op operation, resource string, more map[string]any) (initialized, *rest.Response, error) {
	request := map[string]any{"owner": p.author()}
	maps.Copy(request, more)
	var answer initialized
	res, err := p.c.do(ctx, call{
		op: op, method: http.MethodPost, path: "rest/" + resource, query: "action=initializeUpload", json: map[string]any{"initializeUploadRequest": request}, s: p.s,
	}, &answer)
	return answer, res, err
}

// uploadFile is an image or a document: one address, one upload. An address that has ended is asked for again with it.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api
func (p *post) uploadFile(ctx context.Context, steps connector.Steps, resource string, op operation, i int) (urn, at string, err error) {
	m := p.d.Media[i]
	v, err := steps.Do(ctx, connector.Step{Name: "file_" + strconv.Itoa(i+1), Repeatable: true, Durable: true, Run: func(ctx context.Context) (connector.Values, error) {
		answer, res, err := p.begin(ctx, op, resource, nil)
		if err != nil {
			return nil, err
		}
		urn := answer.Value.Image + answer.Value.Document
		if urn == "" || answer.Value.UploadURL == "" {
			return nil, res.Unexpected("upload URL")
		}
		if _, err = p.c.put(ctx, p.s, answer.Value.UploadURL, true, &rest.Upload{
			Type: m.Type, Bytes: m.Bytes, Open: func(ctx context.Context) (io.ReadCloser, error) { return m.Open(ctx, 0, -1) },
		}); err != nil {
			return nil, err
		}
		return connector.Values{"urn": urn, "at": p.stamp()}, nil
	}})
	return v["urn"], v["at"], err
}

func (p *post) stamp() string { return strconv.FormatInt(p.c.cfg.Now().Unix(), 10) }

// part is a piece of a video and where it goes.
type part struct {
	URL   string `json:"u"`
	First int64  `json:"f"`
	Last  int64  `json:"l"`
}

// uploadVideo sends a video in the parts that LinkedIn asks for, in slices as long as an invocation. Addresses that have
// ended are asked for anew.
// https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/videos-api
func (p *post) uploadVideo(ctx context.Context, steps connector.Steps) (urn, at string, err error) {
	for n := 1; ; n++ {
		name := "video_" + strconv.Itoa(n)
		v, err := steps.Do(ctx, connector.Step{Name: name, Repeatable: true, Durable: true, Secret: true, Run: p.beginVideo})
		if err != nil {
			return "", "", err
		}
		var parts []part
		if err := json.Unmarshal([]byte(v["parts"]), &parts); err != nil {
			return "", "", err // written by beginVideo
		}
		tags, err := p.sendParts(ctx, steps, name, parts)
		if err != nil {
			if problem.Of(err).Code == codeEnded && p.ended(v["ends"]) {
				continue
			}
			return "", "", err
		}
		done, err := steps.Do(ctx, connector.Step{Name: name + "_done", Repeatable: true, Durable: true, Run: func(ctx context.Context) (connector.Values, error) {
			return p.finish(ctx, v["urn"], v["token"], tags)
		}})
		return v["urn"], done["at"], err
	}
}

// codeEnded says that an address takes no bytes any more.
const codeEnded = "EXPIRED_UPLOAD_URL"

// ended tells whether addresses have ended by our clock too; if not, asking for others would not help.
func (p *post) ended(millis string) bool {
	ms, _ := strconv.ParseInt(millis, 10, 64) // written by beginVideo
	return p.c.cfg.Now().After(time.UnixMilli(ms).Add(-time.Hour))
}

func (p *post) beginVideo(ctx context.Context) (connector.Values, error) {
	answer, res, err := p.begin(ctx, opVideo, "videos", map[string]any{"fileSizeBytes": p.d.Media[0].Bytes, "uploadCaptions": false, "uploadThumbnail": false})
	if err != nil {
		return nil, err
	}
	var parts []part
	next := int64(0)
	for _, in := range answer.Value.Parts {
		if in.First != next || in.Last < in.First || in.URL == "" {
			return nil, res.Unexpected("upload instructions in order")
		}
		parts = append(parts, part{in.URL, in.First, in.Last})
		next = in.Last + 1
	}
	if answer.Value.Video == "" || next != p.d.Media[0].Bytes {
		return nil, res.Unexpected("upload instructions for the whole file")
	}
	raw, err := json.Marshal(parts)
	if err != nil {
		return nil, err
	}
	return connector.Values{"urn": answer.Value.Video, "token": answer.Value.Token, "parts": string(raw), "ends": strconv.FormatInt(answer.Value.Ends, 10)}, nil
}

// sendParts uploads what is not there yet and gives the parts' tags in order.
func (p *post) sendParts(ctx context.Context, steps connector.Steps, name string, parts []part) ([]string, error) {
	var tags []string
	end, ends := ctx.Deadline()
	free := min(sliceEnd, time.Until(end)/4)
	for from := 0; from < len(parts); from += partsAStep {
		some := parts[from:min(from+partsAStep, len(parts))]
		v, err := steps.Do(ctx, connector.Step{Name: name + "_part_" + strconv.Itoa(from), Repeatable: true, Durable: true, Run: func(ctx context.Context) (connector.Values, error) {
			var got []string
			for _, in := range some {
				if ends && time.Until(end) < free {
					return nil, steps.Wait(time.Second, "the upload goes on in the next slice")
				}
				tag, err := p.sendPart(ctx, in)
				if err != nil {
					return nil, err
				}
				got = append(got, tag)
			}
			return connector.Values{"tags": strings.Join(got, "\n")}, nil
		}})
		if err != nil {
			return nil, err
		}
		tags = append(tags, strings.Split(v["tags"], "\n")...)
	}
	return tags, nil
}

// sendPart uploads one part, exactly as long as it was asked for. Its tag may come in quotes and is sent on without.
func (p *post) sendPart(ctx context.Context, in part) (string, error) {
	res, err := p.c.put(ctx, p.s, in.URL, false, &rest.Upload{
		Type: "application/octet-stream", Bytes: in.Last - in.First + 1,
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			return p.d.Media[0].Open(ctx, in.First, in.Last-in.First+1)
		},
	})
	if err != nil {
		return "", err
	}
	tag := strings.Trim(res.Header.Get("Etag"), `"`)
	if tag == "" || strings.Contains(tag, "\n") {
		return "", res.Unexpected("ETag")
	}
	return tag, nil
}

// finish tells LinkedIn that the parts are there. It is refused a second time, so it is first asked how the video is.
func (p *post) finish(ctx context.Context, urn, token string, tags []string) (connector.Values, error) {
	status, err := p.status(ctx, urn)
	if err != nil && problem.ClassOf(err) != problem.PermissionMissing {
		return nil, err
	}
	if status == "" || status == "WAITING_UPLOAD" {
		_, err := p.c.do(ctx, call{
			op: opVideo, method: http.MethodPost, path: "rest/videos", query: "action=finalizeUpload", s: p.s,
			json: map[string]any{"finalizeUploadRequest": map[string]any{"video": urn, "uploadToken": token, "uploadedPartIds": tags}},
		}, nil)
		if err != nil {
			return nil, err
		}
	}
	return connector.Values{"at": p.stamp()}, nil
}

// status is how LinkedIn's work on a file stands.
func (p *post) status(ctx context.Context, urn string) (string, error) {
	var answer struct {
		Status string `json:"status"`
	}
	res, err := p.c.do(ctx, call{op: opStatus, method: http.MethodGet, path: "rest/" + resourceOf(urn) + "/" + enc(urn), s: p.s}, &answer)
	if err != nil {
		return "", err
	}
	if answer.Status == "" {
		return "", res.Unexpected("status")
	}
	return answer.Status, nil
}

// resourceOf is where a file of a URN is read: urn:li:image:… in images.
func resourceOf(urn string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(urn, "urn:li:"), ":")
	return kind + "s"
}

// ready waits until LinkedIn has worked on a file. A post with one that fails afterwards would never be seen, though the
// call that makes it succeeds. A member's picture cannot be asked about; it can be posted all the same.
func (p *post) ready(ctx context.Context, steps connector.Steps, urn, at string, i int) error {
	if p.member() && resourceOf(urn) == "images" {
		return nil
	}
	status, err := p.status(ctx, urn)
	if problem.ClassOf(err) == problem.PermissionMissing {
		return nil
	}
	if err != nil {
		return err
	}
	switch status {
	case "AVAILABLE":
		return nil
	case "PROCESSING_FAILED":
		return unusable(i)
	default:
		return p.working(steps, at, i)
	}
}

// working lets LinkedIn go on with a file: it is asked often at first and then more seldom, since every question is counted.
func (p *post) working(steps connector.Steps, at string, i int) error {
	since, _ := strconv.ParseInt(at, 10, 64) // written with the upload
	worked := p.c.cfg.Now().Sub(time.Unix(since, 0))
	if worked > workedFor {
		return unusable(i)
	}
	return steps.Wait(min(max(worked/4, pollFirst), pollMost), "LinkedIn is working on the file")
}

func unusable(i int) error {
	e := invalid("media["+strconv.Itoa(i)+"]", "LinkedIn cannot use this file. Export it again and try once more.", docVideos)
	e.Code = "MEDIA_ASSET_PROCESSING_FAILED"
	return e
}
