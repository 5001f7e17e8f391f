package main

func mutations() []mutation {
	const (
		graph   = "internal/connector/meta/graph.go"
		meta    = "internal/connector/meta/meta.go"
		login   = "internal/connector/meta/login.go"
		publish = "internal/connector/meta/publish.go"
		find    = "internal/connector/meta/find.go"
		story   = "internal/connector/meta/story.go"
		plain   = "internal/connector/meta/video_plain.go"
		video   = "internal/connector/meta/video.go"
		errs    = "internal/connector/meta/errors.go"
		rest    = "internal/rest/rest.go"
		journal = "internal/publish/journal.go"
		moder   = "internal/connector/meta/moderate.go"
		numbers = "internal/connector/meta/insights.go"
	)
	suite := []string{"./internal/connector/meta"}
	withRest := []string{"./internal/connector/meta", "./internal/rest"}
	return []mutation{
		{"drop appsecret_proof", graph, `params.Set("appsecret_proof", c.proof(g.token))`, `_ = c.proof(g.token)`, suite, ""},
		{"proof of the wrong thing", meta, `mac.Write([]byte(token.Reveal()))`, `mac.Write([]byte(c.cfg.ClientID))`, suite, ""},
		{"token in the URL", graph, `r.Header = http.Header{"Authorization": {"Bearer " + g.token.Reveal()}}`, `params.Set("access_token", g.token.Reveal())`, suite, ""},
		{"swallow the platform's error", graph, `return res, c.classify(ctx, g.op, e, res)`, `_ = c.classify(ctx, g.op, e, res)`, suite, ""},
		{"stop at the first page of a list", graph, `if p.Paging.Next == "" {`, `if p.Paging.Next != "-" {`, suite, ""},
		{"the same cursor for ever", graph, `after = p.Paging.Cursors.After`, `_ = p.Paging.Cursors.After`, suite, ""},
		{"accept a short-lived token", login, `Grant{Login: cb.Login, Credential: connector.Credential{Access: long}}`, `Grant{Login: cb.Login, Credential: connector.Credential{Access: func() connector.Secret { _ = long; return short }()}}`, suite, ""},
		{"ignore a missing permission", login, `return g, missing(facebookLogin(), g.Granted)`, `return g, nil`, suite, ""},
		{"ignore the refusal", login, `return connector.Grant{}, refused(why, title, "your Pages")`, `_ = refused(why, title, "your Pages")`, suite, ""},
		{"do not ask again for declined scopes", login, `"auth_type": {"rerequest"},`, ``, suite, ""},
		{"publish the photo at once", publish, `params := url.Values{"published": {"false"}}`, `params := url.Values{"published": {"true"}}`, suite, ""},
		{"repeat the feed call", publish, `connector.Step{Name: "feed", Run: p.send, Find: p.find, Settle: settle}`, `connector.Step{Name: "feed", Repeatable: true, Run: p.send}`, suite, ""},
		{"do not look for a lost post", publish, `connector.Step{Name: "feed", Run: p.send, Find: p.find, Settle: settle}`, `connector.Step{Name: "feed", Run: p.send, Settle: settle}`, suite, ""},
		{"take an older post for ours", find, `if q.created().Before(since.Add(-skew)) {`, `if q.created().IsZero() {`, suite, ""},
		{"take another app's post for ours", find, `if q.Application.ID != p.c.cfg.ClientID || !sameText(q.Message, p.d.Text) || len(photos) > 0 {`, `if !sameText(q.Message, p.d.Text) || len(photos) > 0 {`, suite, ""},
		{"take any of two matches", find, `case len(matches) == 1 && !doubtful:`, `case len(matches) >= 1 && !doubtful:`, suite, ""},
		{"drop the alternative text", publish, `params.Set("alt_text_custom", m.Alt)`, `_ = m.Alt`, suite, ""},
		{"success without an id", publish, `return nil, res.Unexpected("id") // it may be live: find decides`, `_ = res`, suite, ""},
		{"repeat the story call", story, `connector.Step{Name: "story", Run: p.sendStory, Find: p.findStory, Settle: settle}`, `connector.Step{Name: "story", Repeatable: true, Run: p.sendStory}`, suite, ""},
		{"a story that is not listed any more was never there", story, `case !certain || p.c.cfg.Now().Sub(since) > storyLife:`, `case !certain:`, suite, ""},
		{"every piece of a video is the first", plain, `return m.Open(ctx, offset, end-offset) },`, `return m.Open(ctx, 0, end-offset) },`, suite, ""},
		{"do not go on where the platform says", plain, `problem.Of(err).Code == codeOffset`, `problem.Of(err).Code == "-"`, suite, ""},
		{"follow pieces that lead nowhere", plain, `(next.start() <= offset || `, `(false || `, suite, ""},
		{"a finished video is not asked for", video, `case status.accepted():`, `case false && status.accepted():`, suite, ""},
		{"an error with status 200 is a success", errs, `if len(envelope.Error) == 0 ||`, `if status < http.StatusBadRequest || len(envelope.Error) == 0 ||`, suite, ""},
		{"ignore is_transient", errs, `if e.IsTransient && r.class == problem.InvalidContent {`, `if false && r.class == problem.InvalidContent {`, suite, ""},
		{"ignore the wait that Meta asks for", errs, `asked > 0 {`, `asked < 0 {`, suite, ""},
		{"a limit of one kind stops the whole account", errs, `p.RetryAfter, p.Scope = r.after, r.scope`, `p.RetryAfter = r.after`, suite, ""},
		{"an estimate in seconds", errs, `float64(time.Minute))`, `float64(time.Second))`, suite, ""},
		{"the range of codes is off by one", errs, `e.Code > r.to)`, `e.Code >= r.to)`, suite, ""},
		{"a lost answer counts as not sent", rest, `e := problem.Newf(problem.Transient, "The connection to %s broke before its answer was complete.", c.Title)`, `e := problem.Newf(problem.Transient, "The connection to %s broke before its answer was complete.", c.Title); e.NotSent = true`, withRest, ""},
		{"follow redirects", rest, `return http.ErrUseLastResponse }`, `return nil }`, withRest, ""},
		{"read an endless answer", rest, `io.LimitReader(res.Body, limit+1)`, `io.LimitReader(res.Body, limit*1000)`, withRest, ""},
		{"a step is not written down", journal, `j.steps[s.Name], j.inDoubt = log, s.Name`, `_, j.inDoubt = log, s.Name`, suite, ""},
		{"a started step simply runs", journal, `if log.StartedAt != 0 {
		v, again`, `if log.StartedAt < 0 {
		v, again`, suite, ""},
		{"one absent is enough", journal, `		if log.AbsentAt != 0 {
			if left`, `		if log.AbsentAt == 0 {
			return nil, true, nil
		}
		if log.AbsentAt != 0 {
			if left`, []string{"./internal/publish"}, "TestJournal"},
		{"repeat an answer", moder, `Name: "reply", Settle: settle,`, `Name: "reply", Repeatable: true, Settle: settle,`, suite, ""},
		{"never find an answer", moder, `case is.Own:`, `case is.Own && false:`, suite, ""},
		{"lose the answers to comments", moder, `for _, answer := range top.Replies.Data {`, `for _, answer := range top.Replies.Data[:0] {`, suite, ""},
		{"one page of comments", moder, `if p.Paging.Next != "" {`, `if p.Paging.Next == "-" {`, suite, ""},
		{"show what is to be hidden", moder, `url.Values{"is_hidden": {strconv.FormatBool(hidden)}}`, `url.Values{"is_hidden": {strconv.FormatBool(!hidden)}}`, suite, ""},
		{"a comment that is gone cannot be deleted", moder, `if problem.ClassOf(err) == problem.NotFound {`, `if err == nil {`, suite, ""},
		{"one retired number takes all", numbers, `if unknownNumber(err) {
		values`, `if false {
		values`, suite, ""},
		{"no data is zero", numbers, `if len(n.values) > 0 { //`, `n.values = append(n.values, 0); if len(n.values) > 0 { //`, suite, ""},
		{"an unknown number is zero", numbers, `case len(n.values) == 0:
		m.Note = i.empty`, `case len(n.values) == 0:
		m.Value = new(int64)`, suite, ""},
		{"an object has no sum", numbers, `sum += v
	}
	return sum, true`, `_ = v
	}
	return sum, false`, suite, ""},
		{"few viewers are a missing permission", numbers, `if e := problem.Of(err); e.Code == codeFewViewers`, `if e := problem.Of(err); e.Code == ""`, suite, ""},
	}
}
