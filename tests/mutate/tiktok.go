package main

// tiktok breaks TikTok's connector.
func tiktok() []mutation {
	const (
		api     = "internal/connector/tiktok/api.go"
		errs    = "internal/connector/tiktok/errors.go"
		rows    = "internal/connector/tiktok/rows.go"
		login   = "internal/connector/tiktok/login.go"
		offer   = "internal/connector/tiktok/offer.go"
		options = "internal/connector/tiktok/options.go"
		pub     = "internal/connector/tiktok/publish.go"
		video   = "internal/connector/tiktok/video.go"
		photos  = "internal/connector/tiktok/photos.go"
		find    = "internal/connector/tiktok/find.go"
		ids     = "internal/connector/tiktok/ids.go"
		hooks   = "internal/connector/tiktok/webhook.go"
		numbers = "internal/connector/tiktok/insights.go"
		base    = "internal/connector/tiktok/tiktok.go"
		turn    = "internal/connector/tiktok/turn.go"
	)
	suite := []string{"./internal/connector/tiktok"}
	return []mutation{
		{"tiktok: a refusal with status 200 is a success", api, `if known && e.code != "ok" {
		return res, c.classify(ctx, q.op, e, res)
	}
	if !known {`, `if known && e.code != "ok" && res.Status >= 400 {
		return res, c.classify(ctx, q.op, e, res)
	}
	if !known {`, suite, ""},
		{"tiktok: a flat refusal with status 200 is a success", api, `if e, known := parseError(res.Status, res.Body); known && e.code != "ok" {`, `if e, known := parseError(res.Status, res.Body); known && e.code != "ok" && res.Status >= 400 {`, suite, ""},
		{"tiktok: any code goes into an error", errs, `e.code = "unreadable" // it may hold anything`, `_ = e.code`, suite, ""},
		{"tiktok: a full window is a short one", errs, `after: windowPause, source: docRates`, `after: 0, source: docRates`, suite, ""},
		{"tiktok: one creator's cap stops every account", rows, `after: capPause, scope: problem.ScopeKind, source: docDirect`, `after: capPause, scope: problem.ScopeApp, source: docDirect`, suite, ""},
		{"tiktok: what failed may be there", rows, `e.NotSent = true // what failed`, `e.NotSent = false // what failed`, suite, ""},
		{"tiktok: reconnect whoever connected last", login, `"disable_auto_auth": {"1"},`, ``, suite, ""},
		{"tiktok: an account that may do nothing is usable", login, `Usable: slices.Contains(g.Granted, scopePublish) || slices.Contains(g.Granted, scopeUpload)`, `Usable: true`, suite, ""},
		{"tiktok: keep the refresh token that has ended", login, `next = connector.NewSecret(t.Refresh)`, `_ = t.Refresh`, suite, ""},
		{"tiktok: another account's access is as good", login, `err == nil && u.OpenID != s.Account.ExternalID`, `err == nil && u.OpenID == ""`, suite, ""},
		{"tiktok: a dead token is revoked without being renewed", login, `if problem.ClassOf(err) != problem.AuthExpired {
		return err
	}
	renewal`, `if err != nil || err == nil {
		return nil
	}
	renewal`, suite, ""},
		{"tiktok: bytes go to any host", base, `return u.Scheme == "https" && u.Port() == "" && (u.Hostname() == uploadDomain`, `return u.Scheme != "" && (u.Hostname() != uploadDomain`, suite, ""},
		{"tiktok: an account that is switched off offers everything", offer, `o := choices{levels: k.Levels, noComment: k.Comment`, `o := choices{levels: k.Levels, noComment: false && k.Comment`, suite, ""},
		{"tiktok: a stop is no stop", offer, `Level: connector.NoticeStop, Text: problem.Of(err).Message + " Try again later.",`, `Level: connector.NoticeInfo, Text: problem.Of(err).Message + " Try again later.",`, suite, ""},
		{"tiktok: kinds without their permission", offer, `return !may(s, needs(k.Kind))`, `return false && !may(s, needs(k.Kind))`, suite, ""},
		{"tiktok: branded content for oneself", options, `case o.Branded && o.Privacy == levelSelf:`, `case false && o.Branded:`, suite, ""},
		{"tiktok: no declaration", options, `case o.Consent != agreed:`, `case o.Consent == agreed+"-":`, suite, ""},
		{"tiktok: a level that vanished", options, `case !slices.Contains(by.levels, o.Privacy):`, `case o.Privacy == "" && !slices.Contains(by.levels, o.Privacy):`, suite, ""},
		{"tiktok: everything is allowed by default", pub, `"disable_comment": !p.o.Comment, "disable_duet": !p.o.Duet`, `"disable_comment": p.o.Comment, "disable_duet": !p.o.Duet`, suite, ""},
		{"tiktok: the cover in seconds", pub, `math.Round(p.o.Cover * 1000)`, `math.Round(p.o.Cover)`, suite, ""},
		{"tiktok: what was asked long ago is believed", pub, `p.c.cfg.Now().Sub(at(asked)) < askedAgain`, `p.c.cfg.Now().Sub(at(asked)) < 1000*askedAgain`, suite, ""},
		{"tiktok: a failed task is asked for ever", pub, `case end[valVoid] != "", end[valStatus] == statusFailed && !fresh:`, `case end[valVoid] != "":`, suite, ""},
		{"tiktok: a draft is not told as one", pub, `if end[valStatus] == statusInbox {`, `if end[valStatus] == statusComplete {`, suite, ""},
		{"tiktok: ask as often after an hour", pub, `{time.Hour, 5 * time.Minute},`, `{100 * time.Hour, 5 * time.Minute},`, suite, ""},
		{"tiktok: one chunk too many", video, `return chunkSize, bytes / chunkSize`, `return chunkSize, bytes/chunkSize + 1`, suite, ""},
		{"tiktok: every chunk is the first", video, `return m.Open(ctx, offset, end-offset)`, `return m.Open(ctx, 0, end-offset)`, suite, ""},
		{"tiktok: the last chunk is sent again", video, `if v.Status != statusUpload || v.Uploaded >= total {`, `if v.Status != statusUpload {`, suite, ""},
		{"tiktok: an upload begins from the start", video, `return max(v.Uploaded, 0) / chunk * chunk, false, nil`, `return 0 * chunk, false, nil`, suite, ""},
		{"tiktok: an address that has ended is used for ever", video, `if p.c.cfg.Now().Sub(s.at) >= uploadLife {`, `if p.c.cfg.Now().Sub(s.at) >= 1000*uploadLife {`, suite, ""},
		{"tiktok: the photos are sent again", photos, `Name: key,
		Run:`, `Name: key, Repeatable: true,
		Run:`, suite, ""},
		{"tiktok: photos that were fetched were not", photos, `if !fetched {`, `if true || !fetched {`, suite, ""},
		{"tiktok: the addresses stay open", photos, `fetched, err := p.d.Recall(ctx, key)`, `fetched, err := false, error(nil)`, suite, ""},
		{"tiktok: a rival's post is ours", photos, `func(connector.Rival) bool { return true }`, `func(connector.Rival) bool { return false }`, suite, "TestTwoPosts"},
		{"tiktok: a rival's words are ours", photos, `{p.listed, p.sameText},`, `{p.listed, func(connector.Rival) bool { return false }},`, suite, "TestPostsWithWords"},
		{"tiktok: an account gets everything at once", turn, `if wait <= 0 {`, `if wait <= 0 || p != nil {`, suite, "TestAnAccountIs"},
		{"tiktok: an access out of reach was given back", login, `case lost && (class == problem.AuthRevoked || problem.Of(err).MayHaveHappened()):
		return outOfReach()`, `case lost && (class == problem.AuthRevoked || problem.Of(err).MayHaveHappened()):
		return nil`, suite, "TestAnAccessThat"},
		{"tiktok: the secret before is forgotten", hooks, `(c.cfg.OldSecret.Empty() || !signed(c.cfg.OldSecret))`, `true`, suite, "TestDeliveries"},
		{"tiktok: any of two is ours", photos, `case only != "": // which`, `case false && only != "": // which`, suite, ""},
		{"tiktok: take an older post for ours", find, `if v.Created < from.Add(-skew).Unix() {`, `if v.Created < 0 {`, suite, ""},
		{"tiktok: ids are floats", ids, `d.UseNumber()`, `_ = d`, suite, ""},
		{"tiktok: a post that is not public has no likes", numbers, `if value == nil {`, `if m.Value == nil {
		zero := int64(0)
		m.Value = &zero
	}
	if value == nil {`, suite, ""},
		{"tiktok: deliveries of any age", hooks, `age > oldestDelivery || `, ``, suite, ""},
		{"tiktok: another app's deliveries", hooks, ` || body.ClientKey != c.cfg.ClientID`, ` || body.ClientKey == ""`, suite, ""},
		{"tiktok: the time is not signed", hooks, `mac.Write([]byte(stamp + "."))`, `_ = stamp`, suite, ""},
		{"tiktok: what is not public any more is public", hooks, `change.State = connector.PostRemoved`, `change.State = connector.PostPublished`, suite, ""},
	}
}
