package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
)

// fanComment is what somebody who is not connected to the app writes below a post.
type fanComment struct {
	Post    string `json:"post"`   // a Page's post or an Instagram post
	Parent  string `json:"parent"` // the comment it answers; empty = the post
	Message string `json:"message"`
	Name    string `json:"name"`   // on Instagram the user name
	Own     bool   `json:"own"`    // not a fan, but the account itself, on the site
	Share   bool   `json:"share"`  // the fan shares the identity with the app; on Instagram everybody does
	Notify  bool   `json:"notify"` // tell the app, if it is subscribed to the account
}

// notice is a webhook that is to be sent once the lock is free.
type notice struct {
	object  string
	account string
	field   string
	entry   any
}

// fanID is the id of a fan, who is nobody but a name.
func fanID(name string) string { return hex.EncodeToString(metaMAC(sha256.New, []byte(name)))[:12] }

// fanWrites puts the comment below the post. It gives the comment's id and what the platform tells the
// app. The lock is held.
func (m *meta) fanWrites(in fanComment) (id string, tell notice, err error) {
	if strings.TrimSpace(in.Message) == "" {
		return "", notice{}, errors.New("a comment needs words")
	}
	now := m.sb.clock()
	if p := m.st.Media[in.Post]; p != nil {
		if in.Name == "" {
			in.Name = "somebody"
		}
		_, ig := m.st.instagram(p.Account)
		from := map[string]any{"id": fanID(in.Name), "username": in.Name}
		if in.Own {
			in.Name = ""
			from = map[string]any{"id": ig.ID, "username": ig.Username}
		}
		x := m.addInstaComment(p, instaComment{Parent: in.Parent, Text: in.Message, Username: in.Name, Created: now})
		value := map[string]any{
			"id": x.ID, "text": x.Text, "from": from,
			"media": map[string]any{"id": p.ID, "media_product_type": p.Product},
		}
		if x.Parent != "" {
			value["parent_id"] = x.Parent
		}
		return x.ID, notice{"instagram", p.Account, "comments", []any{map[string]any{
			"id": p.Account, "time": now.Unix(), "changes": []any{map[string]any{"field": "comments", "value": value}},
		}}}, nil
	}
	p := m.st.Posts[in.Post]
	if p == nil {
		return "", notice{}, errors.New("no such post")
	}
	if parent, _ := m.comment(in.Parent); in.Parent != "" && parent != p {
		return "", notice{}, errors.New("no such comment below this post")
	}
	x := metaComment{Parent: in.Parent, Message: in.Message, Name: in.Name, Created: now}
	if in.Share {
		x.From = fanID(in.Name)
	}
	if in.Own {
		x.By, x.Name, x.From = p.Page, "", ""
	}
	x = m.addComment(p, x)
	value := map[string]any{
		"item": "comment", "verb": "add", "post_id": p.ID, "comment_id": x.ID, "parent_id": p.ID, "message": x.Message, "created_time": now.Unix(),
	}
	if x.Parent != "" {
		value["parent_id"] = x.Parent
	}
	if x.From != "" {
		value["from"] = named{x.From, x.Name}
	}
	if in.Own {
		value["from"] = named{p.Page, m.st.Pages[p.Page].Name}
	}
	return x.ID, notice{"page", p.Page, "feed", []any{map[string]any{
		"id": p.Page, "time": now.Unix(), "changes": []any{map[string]any{"field": "feed", "value": value}},
	}}}, nil
}

// controlComment writes a comment below a post as a fan.
func (m *meta) controlComment(w http.ResponseWriter, r *http.Request) {
	var in fanComment
	if !readJSON(w, r, &in) {
		return
	}
	id, err := m.fan(r.Context(), in)
	if err != nil {
		refuseJSON(w, http.StatusNotFound, err)
		return
	}
	writeJSON(w, http.StatusCreated, map[string]string{"id": id})
}

// fan writes, and tells the app if that is asked for. That nobody listens is no error of the fan's.
func (m *meta) fan(ctx context.Context, in fanComment) (string, error) {
	m.sb.mu.Lock()
	id, tell, err := m.fanWrites(in)
	told := in.Notify && m.hears(tell.object, tell.account, tell.field)
	m.sb.mu.Unlock()
	if err != nil || !told {
		return id, err
	}
	if _, err := m.deliver(ctx, tell.object, tell.entry, ""); err != nil {
		m.sb.log.InfoContext(ctx, "nobody was told of a fan's comment", errAttr(err))
	}
	return id, nil
}

// panelFan is the timeline's "comment as a fan". The fan shares the name, so that people see who wrote.
func (m *meta) panelFan(ctx context.Context, post, parent, name, message string) error {
	return m.panelWrites(ctx, fanComment{Post: post, Parent: parent, Name: name, Message: message, Share: true, Notify: true})
}

// panelOwn implements ownWriter.
func (m *meta) panelOwn(ctx context.Context, post, parent, message string) error {
	return m.panelWrites(ctx, fanComment{Post: post, Parent: parent, Message: message, Own: true, Notify: true})
}

func (m *meta) panelWrites(ctx context.Context, in fanComment) error {
	if m.isInsta(in.Post) { // the timeline names a post with its account
		_, in.Post, _ = strings.Cut(in.Post, "_")
	}
	_, err := m.fan(ctx, in)
	return err
}

func (m *meta) isInsta(post string) bool {
	m.sb.mu.Lock()
	defer m.sb.mu.Unlock()
	_, id, ok := strings.Cut(post, "_")
	return ok && m.st.Media[id] != nil
}
