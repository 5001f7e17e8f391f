package main

// instagram lists the breaks of what Instagram alone has.
func instagram() []mutation {
	const (
		build    = "internal/connector/meta/instagram_containers.go"
		publish  = "internal/connector/meta/instagram_publish.go"
		find     = "internal/connector/meta/instagram_find.go"
		transfer = "internal/connector/meta/transfer.go"
		posts    = "internal/connector/meta/posts.go"
	)
	suite := []string{"./internal/connector/meta"}
	return []mutation{
		{"insta: repeat the publish call", publish, `connector.Step{Name: "publish", Run: p.send, Find: p.find, Settle: settle}`, `connector.Step{Name: "publish", Repeatable: true, Run: p.send}`, suite, ""},
		{"insta: promise more than the quota", publish, `q.Usage >= q.Config.Total`, `q.Usage > q.Config.Total`, suite, ""},
		{"insta: suspected spam is a refusal", publish, `case e.Code == codeSpam:`, `case e.Code == "-":`, suite, ""},
		{"insta: an account under suspicion goes on", publish, `v[valueSuspected] = e.Code`, `_ = valueSuspected`, suite, ""},
		{"insta: publish an old container", publish, `st.is == stateFinished && p.age(made.at) < containerLife`, `st.is == stateFinished`, suite, ""},
		{"insta: a video has no more time than a picture", publish, `if c.video {`, `if false {`, suite, ""},
		{"insta: a fresh container that cannot be read is gone", find, `p.age(of.at) < fresh`, `false`, suite, ""},
		{"insta: a caption is compared with its signs", find, `strings.ReplaceAll(a, "@", "")`, `a`, suite, ""},
		{"insta: any post with the words is ours", find, `return m.Type == kind && (m.Product == "" || m.Product == product) && sameCaption`, `_, _ = kind, product; return sameCaption`, suite, ""},
		{"insta: the token follows any address", build, `if !strings.HasPrefix(made.URI, p.c.cfg.UploadURL+"/") {`, `if made.URI == "" {`, suite, ""},
		{"insta: items are joined before they are ready", build, `case st.is == stateInProgress && p.mayWait(item):`, `case st.is == stateInProgress && false:`, suite, ""},
		{"insta: the first file is always to blame", build, `"item": strconv.Itoa(i), "at"`, `"item": strconv.Itoa(0*i), "at"`, suite, ""},
		{"insta: an ended container takes bytes", build, `return 0, false, &lapsedError{st}`, `return 0, false, nil`, suite, ""},
		{"insta: a label on an item", build, `	describePicture(params, p.d.Media[i])
	return p.createFrom(ctx, i, params)`, `	p.describe(params)
	return p.createFrom(ctx, i, params)`, suite, ""},
		{"insta: delete with the other login", posts, `op == opIGDelete && !viaPage(s.Account)`, `op == opIGDelete && false`, suite, ""},
		{"an upload begins anew each time", transfer, `return m.Open(ctx, offset, -1)`, `return m.Open(ctx, 0, -1)`, suite, ""},
		{"an upload is not asked how far it is", transfer, `if !t.fresh {`, `if false {`, suite, ""},
	}
}
