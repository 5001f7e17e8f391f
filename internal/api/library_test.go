package api_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/api"
	"github.com/herald-publishing/herald/internal/local/clip"
	"github.com/herald-publishing/herald/internal/tenant"
)

func (p *person) library(query string) (out api.MediaList) {
	p.w.t.Helper()
	p.get("/v1/media" + query).status(http.StatusOK).into(&out)
	return out
}

func names(l api.MediaList) (out []string) {
	for _, m := range l.Items {
		out = append(out, m.Name)
	}
	return out
}

func TestTheLibraryListsWhatIsReady(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	add := func(name, kind string, content []byte) (done api.Media) {
		var m api.Media
		ada.post("/v1/media", api.NewMedia{Name: name, Type: kind, Bytes: int64(len(content))}).status(http.StatusCreated).into(&m)
		ada.send(t, m, content, 1)
		w.clock.move(time.Second)
		ada.post("/v1/media/"+m.ID+"/complete", nil).status(http.StatusOK).into(&done)
		return done
	}
	first := add("Terrasse Ü.jpg", "image/jpeg", jpegOf(t, 8, 8))
	add("oven.mp4", "video/mp4", clip.Make(clip.Spec{}))
	add("door.jpg", "image/jpeg", jpegOf(t, 9, 9))
	ada.announce("not-there.jpg", 10)

	require.Equal(t, []string{"door.jpg", "oven.mp4", "Terrasse Ü.jpg"}, names(ada.library("")))
	require.Equal(t, []string{"oven.mp4"}, names(ada.library("?type=video")))
	require.Equal(t, []string{"door.jpg", "Terrasse Ü.jpg"}, names(ada.library("?type=image")))
	require.Equal(t, []string{"Terrasse Ü.jpg"}, names(ada.library("?q="+url.QueryEscape(" terrasse ü"))))

	var changed api.Media
	ada.do(http.MethodPatch, "/v1/media/"+first.ID, api.MediaChange{Alt: " Two CHAIRS "}, nil).status(http.StatusOK).into(&changed)
	require.Equal(t, "Two CHAIRS", changed.Alt)
	require.Equal(t, []string{"Terrasse Ü.jpg"}, names(ada.library("?q=chairs")))
	ada.as(tenant.Viewer).do(http.MethodPatch, "/v1/media/"+first.ID, api.MediaChange{Alt: "x"}, nil).problem(http.StatusForbidden, "forbidden")
	ada.do(http.MethodPatch, "/v1/media/"+first.ID, api.MediaChange{Alt: "a\x00b"}, nil).problem(http.StatusUnprocessableEntity, "invalid_request")

	var all []string
	for cursor, pages := "", 0; pages == 0 || cursor != ""; pages++ {
		require.Less(t, pages, 4)
		page := ada.library("?limit=2&cursor=" + cursor)
		all, cursor = append(all, names(page)...), page.NextCursor
	}
	require.Equal(t, []string{"door.jpg", "oven.mp4", "Terrasse Ü.jpg"}, all)
	ada.get("/v1/media?cursor=bad").problem(http.StatusUnprocessableEntity, "invalid_request")
}

func TestAFileThatAPostNeedsStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp()
	con := ada.link("1")
	content := jpegOf(t, 12, 8)
	med := ada.upload(t, content)
	post := ada.publish(map[string]any{
		"text": "The terrace is open again, and it has a band", "media": []any{map[string]any{"id": med.ID}},
		"targets": []any{map[string]any{"connection_id": con.ID}}, "publish_at": w.clock.Now().Add(48 * time.Hour).Format(time.RFC3339),
	})
	uses := func() (out api.MediaUses) {
		ada.get("/v1/media/" + med.ID + "/uses").status(http.StatusOK).into(&out)
		return out
	}
	require.Equal(t, []api.MediaUse{{PostID: post.ID, Text: post.Text, State: "scheduled", PublishAt: post.PublishAt, Needs: true}}, uses().Items)
	p := ada.do(http.MethodDelete, "/v1/media/"+med.ID, nil, nil).problem(http.StatusConflict, "conflict")
	require.Contains(t, p.Detail, post.ID)
	require.Contains(t, p.Detail, "The terrace is open again, and it has a…")
	require.Equal(t, "ready", ada.library("").Items[0].State, "and it can be used as before")
	require.Equal(t, content, fetch(t, ada.get("/v1/media/"+med.ID+"/content").head.Get("Location")))

	ada.post("/v1/posts/"+post.ID+"/cancel", nil).status(http.StatusOK)
	require.False(t, uses().Items[0].Needs)
	ada.do(http.MethodDelete, "/v1/media/"+med.ID, nil, nil).status(http.StatusNoContent)
	require.Empty(t, ada.library("").Items)
	ada.get("/v1/media/"+med.ID).problem(http.StatusNotFound, "not_found")
	ada.do(http.MethodDelete, "/v1/media/"+med.ID, nil, nil).problem(http.StatusNotFound, "not_found")
	ada.get("/v1/posts/" + post.ID).status(http.StatusOK)
}
