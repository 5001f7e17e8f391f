package sandbox

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
)

func randomDigits(n int64) string { return strconv.FormatInt(1000+n, 10) }

// commit says that everything of a task is there. The lock is held.
func (k *tiktok) commit(t *tiktokTask, files []tiktokFile, now time.Time) {
	t.State, t.Files, t.Committed = taskCommitted, files, now
	k.settle(t, now)
	k.sb.changed()
}

// fail ends a task and tells the app. The lock is held.
func (k *tiktok) fail(t *tiktokTask, reason string, now time.Time) {
	t.State, t.Reason, t.Done = taskFailed, reason, now
	k.tell(t.OpenID, "post.publish.failed", k.content(t, map[string]any{"reason": reason}))
	k.sb.changed()
}

func (k *tiktok) content(t *tiktokTask, more map[string]any) map[string]any {
	kind := "DIRECT_POST"
	if t.Draft {
		kind = "INBOX_SHARE"
	}
	out := map[string]any{"publish_id": t.ID, "publish_type": kind}
	maps.Copy(out, more)
	return out
}

// settle ends the processing of a task whose time has come. The lock is held.
func (k *tiktok) settle(t *tiktokTask, now time.Time) {
	c := k.st.creator(t.OpenID)
	if t.State != taskCommitted || c == nil || now.Before(t.Committed.Add(time.Duration(c.ProcessingSeconds)*time.Second)) {
		return
	}
	k.sb.changed()
	reason := ""
	switch {
	case c.Grant == nil:
		reason = "auth_removed"
	case c.FailTimes > 0:
		c.FailTimes--
		reason = c.Fail
	}
	for _, f := range t.Files {
		if reason == "" {
			reason = f.Fail
		}
		if longest := c.longest(); reason == "" && f.Millis > 0 && (f.Millis > longest*1000 && !t.Draft || f.Millis > 600_000 && t.Draft) {
			reason = "duration_check_failed"
		}
	}
	if reason != "" {
		k.fail(t, reason, now)
		return
	}
	t.Done = now
	if t.Draft {
		t.State = taskInbox
		k.tell(t.OpenID, "post.publish.inbox_delivered", k.content(t, nil))
		return
	}
	k.post(c, t, t.Post, now)
}

// post puts a task's files on the timeline. The lock is held.
func (k *tiktok) post(c *tiktokCreator, t *tiktokTask, info tiktokPostInfo, now time.Time) {
	p := &tiktokPost{
		tiktokPostInfo: info, ID: k.st.postID(), OpenID: t.OpenID, Task: t.ID, Files: t.Files, Created: now,
		Visible: now.Add(time.Duration(c.ModerationSeconds) * time.Second),
	}
	k.st.Posts[p.ID] = p
	t.State, t.Posts = taskPosted, append(t.Posts, p.ID)
	k.tell(t.OpenID, "post.publish.complete", k.content(t, nil))
	k.announce(p, now)
}

// announce tells once that a post is public. The lock is held.
func (k *tiktok) announce(p *tiktokPost, now time.Time) {
	t := k.st.Tasks[p.Task]
	if p.Told || t == nil || !p.public(now) {
		return
	}
	p.Told = true
	k.tell(p.OpenID, "post.publish.publicly_available", k.content(t, map[string]any{"post_id": k.idInWebhook(p.ID)}))
	k.sb.changed()
}

// gone tells that a post is not public any more. The name's spelling is TikTok's. The lock is held.
func (k *tiktok) gone(p *tiktokPost) {
	if t := k.st.Tasks[p.Task]; t != nil && p.Told {
		k.tell(p.OpenID, "post.publish.no_longer_publicaly_available", k.content(t, map[string]any{"post_id": k.idInWebhook(p.ID)})) //nolint:misspell // so it is
	}
}

func (k *tiktok) idInWebhook(id string) any {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || k.st.Settings.IDAsText {
		return id
	}
	return n
}

// advance does what is due: files to be fetched, processing that ends, moderation that is over. The lock is not held.
func (k *tiktok) advance(ctx context.Context) {
	var due []*tiktokTask
	k.sb.mu.Lock()
	now := k.sb.clock()
	for _, t := range k.st.Tasks {
		k.settle(t, now)
		c := k.st.creator(t.OpenID)
		if t.State == taskOpen && len(t.URLs) > 0 && !t.Pulling && c != nil && !now.Before(t.Created.Add(time.Duration(c.PullSeconds)*time.Second)) {
			t.Pulling = true
			due = append(due, t)
		}
	}
	for _, p := range k.st.Posts {
		k.announce(p, now)
	}
	k.sb.mu.Unlock()
	for _, t := range due {
		k.pull(context.WithoutCancel(ctx), t)
	}
}

// task finds the task that a call names.
func (k *tiktok) task(c *tiktokCall) (*tiktokTask, *tiktokError) {
	var in struct {
		ID string `json:"publish_id"`
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	t := k.st.Tasks[in.ID]
	if t == nil {
		return nil, tiktokRefusal(http.StatusBadRequest, "invalid_publish_id", "The publish_id does not exist.")
	}
	if t.OpenID != c.creator.OpenID {
		return nil, tiktokRefusal(http.StatusBadRequest, "token_not_authorized_for_specified_publish_id", "The access_token is not authorized for this publish_id.")
	}
	return t, nil
}

// fetchStatus: https://developers.tiktok.com/doc/content-posting-api-reference-get-video-status
func (k *tiktok) fetchStatus(c *tiktokCall) (any, *tiktokError) {
	t, err := k.task(c)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	if t.Size > 0 {
		out["uploaded_bytes"] = t.Uploaded
	}
	switch t.State {
	case taskFailed:
		return map[string]any{"status": "FAILED", "fail_reason": t.Reason}, nil
	case taskInbox:
		out["status"] = "SEND_TO_USER_INBOX"
	case taskPosted:
		ids := []any{}
		for _, id := range t.Posts {
			if p := k.st.Posts[id]; p.public(c.now) {
				n, _ := strconv.ParseInt(id, 10, 64) // the fake made it
				ids = append(ids, n)
			}
		}
		out["status"], out["publicaly_available_post_id"] = "PUBLISH_COMPLETE", ids //nolint:misspell // so it is
	default:
		out["status"] = "PROCESSING_UPLOAD"
		if len(t.URLs) > 0 {
			bytes := int64(0)
			for _, f := range t.Files {
				bytes += f.Bytes
			}
			out["status"], out["downloaded_bytes"] = "PROCESSING_DOWNLOAD", bytes
		}
	}
	return out, nil
}

// cancel stops a download: https://developers.tiktok.com/doc/content-posting-api-reference-cancel
func (k *tiktok) cancel(c *tiktokCall) (any, *tiktokError) {
	t, err := k.task(c)
	if err != nil {
		return nil, err
	}
	if t.State != taskOpen || len(t.URLs) == 0 {
		return nil, tiktokRefusal(http.StatusBadRequest, "publish_not_cancellable", "The publish cannot be cancelled any more.")
	}
	k.fail(t, "publish_cancelled", c.now)
	return nil, nil
}

// postDraft is what a person does in the app with a draft. It may be done more than once.
func (k *tiktok) postDraft(id, title, level string) error {
	k.sb.mu.Lock()
	defer k.sb.mu.Unlock()
	t := k.st.Tasks[id]
	if t == nil || !t.Draft || t.Discarded || t.State != taskInbox && t.State != taskPosted {
		return fmt.Errorf("no draft %q in an inbox", id)
	}
	info := t.Post
	info.Title, info.Privacy = title, level
	if info.Privacy == "" {
		info.Privacy = tiktokPublic
	}
	if info.Photos && title == "" {
		info.Title = t.Post.Title
	}
	k.post(k.st.creator(t.OpenID), t, info, k.sb.clock())
	k.sb.changed()
	k.stir()
	return nil
}
