package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/local/lambdahost"
	"github.com/herald-publishing/herald/internal/local/stage"
	"github.com/herald-publishing/herald/internal/local/visitor"
	"github.com/herald-publishing/herald/internal/local/wiretap"
	"github.com/herald-publishing/herald/internal/publish"
	"github.com/herald-publishing/herald/internal/store"
)

// home is a linked account.
type home struct{ conn, account string }

// move links an account of the kind that a way publishes to, through the platform's consent.
func (w *world) move(ctx context.Context, way stage.Way) (home, error) {
	a, err := way.Platform.Seed(ctx, stage.Box{URL: w.Info.Sandbox}, way.Account, "")
	if err != nil {
		return home{}, err
	}
	person, accounts := way.Platform.Consent(a)
	linked, err := w.ConnectAt(ctx, way.Platform.Name, person, accounts)
	if err != nil {
		return home{}, err
	}
	if linked[a.ID] == "" {
		return home{}, fmt.Errorf("the account of %s was not linked", way)
	}
	return home{linked[a.ID], a.ID}, nil
}

// files are those of a post, by type, in the library.
func (w *world) files(ctx context.Context) (map[string]string, error) {
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 640, 640)), nil); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, f := range []struct {
		name, kind string
		content    []byte
	}{
		{"clip.mp4", "video/mp4", clip.Make(clip.Spec{Bytes: 100_000})},
		{"photo.jpg", "image/jpeg", picture.Bytes()},
		{"paper.pdf", "application/pdf", []byte(onePage)},
	} {
		id, err := w.Upload(ctx, f.name, f.kind, f.content)
		if err != nil {
			return nil, err
		}
		out[f.kind] = id
	}
	return out, nil
}

// onePage is a PDF.
const onePage = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

// body is a post of a way with what it must have.
func (w *world) body(ctx context.Context, way stage.Way, conn string, files map[string]string) (map[string]any, error) {
	options, err := way.Options(ctx, stage.Box{URL: w.Info.Sandbox})
	if err != nil {
		return nil, err
	}
	media := []any{}
	for _, types := range way.Files() {
		for kind, id := range files {
			if slices.Contains(types, kind) {
				media = append(media, map[string]any{"id": id})
			}
		}
	}
	text := "counted " + visitor.ID()
	if way.Kind.Text.None {
		text = ""
	}
	in := map[string]any{"text": text, "media": media, "targets": []any{map[string]any{"connection_id": conn, "kind": way.Kind.Kind, "options": options}}}
	if way.Kind.LinkRequired {
		in["link"] = "https://example.com/bread"
	}
	return in, nil
}

// calls counts what one warm accept and one warm publish ask of AWS and of the platform, for each kind of post.
func calls(ctx context.Context, w *world) ([]row, error) {
	dir, err := os.MkdirTemp("", "herald-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, f := range []string{"posts", "publish"} {
		if err := build(ctx, w.root, "functions/"+f, filepath.Join(dir, f)); err != nil {
			return nil, err
		}
	}
	files, err := w.files(ctx)
	if err != nil {
		return nil, err
	}
	ways, err := stage.Ways()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, way := range ways {
		if way.Login != "" {
			continue
		}
		r, err := w.countWay(ctx, dir, way, files)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", way, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// countWay publishes twice; the second one is warm. Each goes to an account of its own, since some platforms are given one
// post of an account at a time.
func (w *world) countWay(ctx context.Context, dir string, way stage.Way, files map[string]string) (row, error) {
	tap := wiretap.New()
	aws := httptest.NewServer(tap.To(w.Info.Endpoint))
	defer aws.Close()
	box, end, err := w.boxFront(tap)
	if err != nil {
		return row{}, err
	}
	defer end()
	name := "bench-" + visitor.ID()
	q, err := sqs.NewFromConfig(w.Info.AWS()).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		return row{}, err
	}
	workers := map[string]*lambdahost.Worker{}
	for _, f := range []string{"posts", "publish"} {
		if workers[f], err = lambdahost.Start(ctx, filepath.Join(dir, f), w.env(way.Platform, aws.URL, box, *q.QueueUrl), io.Discard); err != nil {
			return row{}, err
		}
		defer workers[f].Kill()
	}
	var accept, publishing []wiretap.Call
	for range 2 {
		to, err := w.move(ctx, way)
		if err != nil {
			return row{}, err
		}
		in, err := w.body(ctx, way, to.conn, files)
		if err != nil {
			return row{}, err
		}
		before := len(tap.Calls())
		id, err := w.acceptIn(workers["posts"], in)
		if err != nil {
			return row{}, err
		}
		accept = tap.Calls()[before:]
		before = len(tap.Calls())
		if err := w.carry(ctx, workers["publish"], publish.JobID(id, to.conn)); err != nil {
			return row{}, err
		}
		publishing = tap.Calls()[before:]
	}
	_, asked := w.split(accept)
	theirs, ours := w.split(publishing)
	return row{
		"calls of " + way.String(), strconv.Itoa(len(theirs)) + " of the platform, " + strconv.Itoa(len(ours)) + " of AWS",
		fmt.Sprintf("%s; AWS: %s; %d to accept", strings.Join(theirs, ", "), strings.Join(ours, ", "), len(asked)),
	}, nil
}

// split tells the platforms' calls from those of AWS.
func (w *world) split(calls []wiretap.Call) (platform, aws []string) {
	for _, c := range calls {
		if c.Presigned || c.Name == "GET /robots.txt" { // the platform fetches a file, and asks whether it may
			continue
		}
		if _, op, ok := strings.Cut(c.Name, "."); ok && !strings.Contains(c.Name, "/") {
			aws = append(aws, op)
			continue
		}
		if strings.HasPrefix(c.Name, "GET /"+w.Info.Outputs["MediaBucket"]) {
			aws = append(aws, "GetObject")
			continue
		}
		platform = append(platform, short(c.Name))
	}
	return platform, aws
}

// short is a call's method with the last words of its path.
func short(name string) string {
	method, path, _ := strings.Cut(name, " ")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	words := slices.DeleteFunc(parts, func(p string) bool { return len(p) > 24 || strings.ContainsAny(p, "0123456789") && len(p) > 8 })
	return method + " " + strings.Join(words[max(0, len(words)-2):], "/")
}

// carry invokes the publisher, as its queue does, whenever the job is due, until it is published.
func (w *world) carry(ctx context.Context, publisher *lambdahost.Worker, job string) error {
	body, err := json.Marshal(publish.Message{Tenant: w.Tenant, Job: job})
	if err != nil {
		return err
	}
	event, err := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: string(body)}}})
	if err != nil {
		return err
	}
	s := store.Store{DB: dynamodb.NewFromConfig(w.Info.AWS()), Tables: store.Tables{Jobs: w.Info.Outputs["JobsTable"]}}
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); {
		if _, err := publisher.Invoke(event, 2*time.Minute); err != nil {
			return err
		}
		j, err := s.GetJob(ctx, w.Tenant, job)
		switch {
		case err != nil:
			return err
		case j.Status == publish.Published:
			return nil
		case j.Status.Final():
			return fmt.Errorf("it ended as %s: %+v", j.Status, j.Problem)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(max(time.Until(time.UnixMilli(j.NextAt)), 100*time.Millisecond)): // somebody else may hold it
		}
	}
	return fmt.Errorf("%s was not published in time", job)
}
