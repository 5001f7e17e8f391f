package main

// linkedin breaks LinkedIn's connector.
func linkedin() []mutation {
	const (
		call     = "internal/connector/linkedin/call.go"
		base     = "internal/connector/linkedin/linkedin.go"
		errs     = "internal/connector/linkedin/errors.go"
		rows     = "internal/connector/linkedin/rows.go"
		login    = "internal/connector/linkedin/login.go"
		refresh  = "internal/connector/linkedin/refresh.go"
		text     = "internal/connector/linkedin/text.go"
		pub      = "internal/connector/linkedin/publish.go"
		find     = "internal/connector/linkedin/find.go"
		media    = "internal/connector/linkedin/media.go"
		throttle = "internal/connector/linkedin/throttle.go"
		comment  = "internal/connector/linkedin/comment.go"
		moder    = "internal/connector/linkedin/moderate.go"
		stats    = "internal/connector/linkedin/stats.go"
		hooks    = "internal/connector/linkedin/webhook.go"
	)
	suite := []string{"./internal/connector/linkedin"}
	const (
		sent   = "TestConnector/06"
		killed = "TestConnector/07"
		texts  = "TestAnyText|TestHashtags|TestAPersonsID"
		lost   = "TestALost|TestAfterFive|TestADouble|TestTwoPosts"
		access = "TestANewToken|TestWithout|TestAYear|TestARole|TestALogin"
	)
	return []mutation{
		{"linkedin: no version", call, `r.Header.Set("Linkedin-Version", c.cfg.Version)`, `_ = c.cfg.Version`, suite, sent},
		{"linkedin: Rest.li's first grammar", call, `r.Header.Set("X-Restli-Protocol-Version", "2.0.0")`, `_ = r`, suite, sent},
		{"linkedin: ids in the path are not encoded whole", call, `func enc(id string) string { return url.QueryEscape(id) }`, `func enc(id string) string { return url.PathEscape(id) }`, suite, "TestConnector/13"},
		{"linkedin: a short page ends a list", call, `if l.Rel == "next" && len(p.Elements) > 0 {`, `if l.Rel == "next" && len(p.Elements) >= 100 {`, suite, "TestConnector/05"},
		{"linkedin: every token is young", call, `return age > -freshFor && age < freshFor`, `return age > -freshFor`, suite, access},
		{"linkedin: no token is young", call, `return age > -freshFor && age < freshFor`, `return age > freshFor && age < freshFor`, suite, access},
		{"linkedin: bytes go to any host", base, `	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Host == "" {
		return false
	}`, `	u, err := url.Parse(raw)
	if err == nil {
		return true
	}`, suite, "TestBytes"},
		{"linkedin: the end of a host's name is enough", base, `strings.HasSuffix(u.Hostname(), ".linkedin.com")`, `strings.Contains(u.Hostname(), "linkedin.com")`, suite, "TestBytes"},
		{"linkedin: a part of a video goes with the token", media, `res, err := p.c.put(ctx, p.s, in.URL, false, &rest.Upload{`, `res, err := p.c.put(ctx, p.s, in.URL, true, &rest.Upload{`, suite, sent},
		{"linkedin: a tag keeps its quotes", media, "tag := strings.Trim(res.Header.Get(\"Etag\"), `\"`)", `tag := res.Header.Get("Etag")`, suite, sent},
		{"linkedin: a file that failed is posted", media, `case "PROCESSING_FAILED":`, `case "-":`, suite, "TestAVideo"},
		{"linkedin: a file is worked on for ever", media, `if worked > workedFor {`, `if worked > 1000*workedFor {`, suite, "TestAVideo"},
		{"linkedin: a video's upload is never begun anew", media, `if problem.Of(err).Code == codeEnded && p.ended(v["ends"]) {`, `if problem.Of(err).Code == "-" && p.ended(v["ends"]) {`, suite, "TestAnAddress"},
		{"linkedin: texts are sent as they are", text, `if strings.ContainsRune(reserved, r) {`, `if strings.ContainsRune("\\", r) {`, suite, texts},
		{"linkedin: the tilde is forgotten", text, "const reserved = `|{}@[]()<>#\\*_~`", "const reserved = `|{}@[]()<>#\\*_`", suite, texts},
		{"linkedin: hashtags are dead", text, `tag != "" && !isWord(prev) {`, `tag == "-" && !isWord(prev) {`, suite, texts},
		{"linkedin: mentions are dead", text, `if m := at.FindStringSubmatch(text); m != nil {`, `if m := at.FindStringSubmatch(text); m == nil && text == "" {`, suite, texts},
		{"linkedin: a person's id is not escaped", text, `"](" + escape(m[2]) + ")")`, `"](" + m[2] + ")")`, suite, texts},
		{"linkedin: escapes are not counted", pub, `case length(p.text) > maxText:`, `case length(p.d.Text) > maxText:`, suite, "TestWhatIsTooLong"},
		{"linkedin: repeat the call that posts", pub, `step := connector.Step{Name: "post", Run: p.send, Find: p.find}`, `step := connector.Step{Name: "post", Repeatable: true, Run: p.send}`, suite, killed + "|" + lost},
		{"linkedin: a lost post is not looked for", pub, `step := connector.Step{Name: "post", Run: p.send, Find: p.find}`, `step := connector.Step{Name: "post", Run: p.send}`, suite, lost},
		{"linkedin: the URN comes from anywhere", pub, `if res.Status != http.StatusCreated || !isPost(urn) {`, `if res.Status >= 300 {`, suite, "TestConnector/09"},
		{"linkedin: a file that is not ready fails the post", pub, `problem.Of(err).Code == codeWaiting {`, `problem.Of(err).Code == "-" {`, suite, "TestADocument"},
		{"linkedin: any double is ours", find, `if p.sent && !p.recovering {`, `if false && !p.recovering {`, suite, lost},
		{"linkedin: another job's post is ours", find, `case claimed: // with it there`, `case claimed && urn == "": // with it there`, suite, lost},
		{"linkedin: a post is sent again for ever", find, `if p.c.cfg.Now().Sub(since) > resendFor {`, `if p.c.cfg.Now().Sub(since) > 1000*resendFor {`, suite, lost},
		{"linkedin: one of two matches is ours", find, `case len(free) == 1 && isPost(free[0]):`, `case len(free) >= 1 && isPost(free[0]):`, suite, lost},
		{"linkedin: texts are compared as they come back", find, `return strings.TrimSpace(plain(q.Commentary)) == strings.TrimSpace(plain(p.text))`, `return strings.TrimSpace(q.Commentary) == strings.TrimSpace(p.text)`, suite, lost},
		{"linkedin: an error without an envelope is a success", errs, `if status >= http.StatusBadRequest || said != "" {`, `if said != "" || e.code != "" || e.message != "" {`, suite, "TestConnector/08"},
		{"linkedin: codes in the details are not seen", errs, `r.code != "" && r.code != e.code && !slices.Contains(e.inputs, r.code),`, `r.code != "" && r.code != e.code,`, suite, "TestConnector/08"},
		{"linkedin: an ended version is the account's fault", rows, `{status: 426, class: problem.PermissionMissing, message: outdated, action: version,`, `{status: 426, class: problem.PermissionMissing, message: outdated,`, suite, "TestConnector/08"},
		{"linkedin: a limit of one endpoint stops all", throttle, `		return problem.ScopeKind
`, `		return problem.ScopeAccount
`, suite, "TestConnector/08"},
		{"linkedin: a day's limit is asked again and again", throttle, `if day || was.times >= shortPauses {`, `if day {`, suite, "TestTheDaily"},
		{"linkedin: roles that are not approved", login, `if !ok || a.State != "APPROVED" {`, `if !ok {`, suite, "TestConnector/05"},
		{"linkedin: one name of the organization only", login, `		urn = a.Target
`, `		urn = a.Organization
`, suite, "TestConnector/05"},
		{"linkedin: any role may post", login, `	if slices.ContainsFunc(roles[s.Account.ExternalID], mayPost) {`, `	if len(roles[s.Account.ExternalID]) > 0 {`, suite, access},
		{"linkedin: the end of an access is not kept", login, `ExpiresAt: after(now, t.ExpiresIn),`, `ExpiresAt: after(now, 0),`, suite, access},
		{"linkedin: a renewal forgets its year", refresh, `RenewUntil: after(now, t.RefreshEnds)}`, `RenewUntil: after(now, 2*t.RefreshEnds)}`, suite, access},
		{"linkedin: a token that is dead cannot be given back", refresh, `if err != nil && problem.Of(err).Code != codeDead {`, `if err != nil {`, suite, "TestGiving"},
		{"linkedin: the comment goes out although it will be refused", comment, `if p.comment() == "" || granted(`, `if p.comment() != "" || granted(`, suite, "TestAFirstComment"},
		{"linkedin: repeat the first comment", comment, `		Name: optionComment, Settle: settle,
`, `		Name: optionComment, Settle: settle, Repeatable: true,
`, suite, killed},
		{"linkedin: answers are not listed", moder, `if x.Summary != nil && x.Summary.Total == 0 {`, `if x.Summary != nil {`, suite, "TestConnector/17"},
		{"linkedin: numbers by the wrong kind of URN", stats, `		list = "ugcPosts"
`, `		list = "shares"
`, suite, "TestAPostNobody"},
		{"linkedin: the signature without its prefix", hooks, `c.mac("hmacsha256="+string(rawBody))`, `c.mac(string(rawBody))`, suite, "TestConnector/12"},
		{"linkedin: all notices are one", hooks, `name = strconv.FormatInt(n.ID, 10)`, `name = strconv.FormatInt(min(n.ID, 1), 10)`, suite, "TestConnector/12"},
		{"linkedin: the activity is the post", hooks, `Verb: verb, PostID: n.Source.Entity,`, `Verb: verb, PostID: n.Activity,`, suite, "TestAComment"},
	}
}
