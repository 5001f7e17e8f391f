package main

// logins lists the breaks of Instagram Login and of renewing.
func logins() []mutation {
	const (
		own     = "internal/connector/meta/instagram_login.go"
		refresh = "internal/connector/meta/refresh.go"
		hooks   = "internal/connector/meta/subscribe.go"
		biz     = "internal/connector/meta/business.go"
	)
	suite := []string{"./internal/connector/meta"}
	return []mutation{
		{"login: renew a young token", own, `end.Sub(c.cfg.Now()) > igLife-igYoung`, `false`, suite, ""},
		{"login: one shape of the code's answer", own, `if len(got.Data) > 0 {
		got.answer`, `if false {
		got.answer`, suite, ""},
		{"login: only the other shape", own, `if len(got.Data) > 0 {
		got.answer`, `if got.answer = (answer{}); len(got.Data) > 0 {
		got.answer`, suite, ""},
		{"login: one shape of the profile", own, `if len(got.Data) > 0 {
		got.igProfile`, `if false {
		got.igProfile`, suite, ""},
		{"login: what is no part of the code", own, `strings.TrimSuffix(cb.Query.Get("code"), "#_")`, `cb.Query.Get("code")`, suite, ""},
		{"login: the code goes to the wrong host", own, `host: c.cfg.Instagram.TokenURL`, `host: c.cfg.Instagram.GraphURL`, suite, ""},
		{"login: an account's calls go to the wrong host", own, `if s.Account.Login != loginInstagram {`, `if s.Account.Login == "" || s.Account.Login != "" {`, suite, ""},
		{"login: an hour's token is kept", own, `Credential: connector.Credential{Access: long}, Subject`, `Credential: connector.Credential{Access: short.token}, Subject`, suite, ""},
		{"login: a token without its end", own, `answer.AccessToken == "" || answer.ExpiresIn <= 0`, `answer.AccessToken == ""`, suite, ""},
		{"login: a private account is usable", own, `if strings.EqualFold(me.AccountType, "personal") {`, `if false {`, suite, ""},
		{"biz: only the Pages that a business owns", biz, `[]operation{opOwnedPages, opClientPages}`, `[]operation{opOwnedPages}`, suite, ""},
		{"biz: asked for without the permission", biz, `if !slices.Contains(g.Granted, scopeBusiness) {`, `if false {`, suite, ""},
		{"biz: one that refuses takes all with it", biz, `case problem.PermissionMissing, problem.NotFound:`, `case "":`, suite, ""},
		{"biz: no target is none", biz, `if len(s.Targets) > 0 {`, `if by[s.Scope] = []string{"-"}; true {`, suite, ""},
		{"biz: a permission for some is one for all", biz, `ids, some := by[scope]`, `ids, some := by["-"+scope]`, suite, ""},
		{"hooks: Instagram is told of by itself", hooks, `	case s.Account.Kind == kindInstagram:
		node = s.Account.Data[dataPage]`, `	case false:`, suite, ""},
		{"hooks: the wrong fields", hooks, `	if c.instagram {
		fields = igFieldsSubscribed`, `	if !c.instagram {
		fields = igFieldsSubscribed`, suite, ""},
		{"hooks: ended while the Instagram account is used", hooks, `return []string{own, page.Instagram.ID}, nil`, `return []string{own}, nil`, suite, ""},
		{"hooks: ended while the Page is used", hooks, `return []string{own, s.Account.Data[dataPage]}, nil`, `return []string{own}, nil`, suite, ""},
		{"hooks: never ended", hooks, `err = c.subscription(ctx, s, http.MethodDelete, nil)`, `_ = http.MethodDelete`, suite, ""},
		{"hooks: what is not there cannot be ended", hooks, `if problem.ClassOf(err) == problem.NotFound {`, `if problem.ClassOf(err) == "" {`, suite, ""},
		{"hooks: no answer is a yes", hooks, `if err == nil && !done.Success {`, `if false {
		_ = done`, suite, ""},
		{"renew: not even in its last week", refresh, `<= prolongBefore {`, `<= 0 {`, suite, ""},
		{"renew: the new login is not kept", refresh, `connector.Credential{Access: page, Parent: person}`, `connector.Credential{Access: page, Parent: s.Credential.Parent}`, suite, ""},
		{"renew: the old Page's token is kept", refresh, `connector.Credential{Access: page, Parent: person}`, `connector.Credential{Access: func() connector.Secret { _ = page; return s.Credential.Access }(), Parent: person}`, suite, ""},
		{"renew: a login that cannot be read is dead", refresh, `	case err != nil:
		return debugged{}, err
	case d == nil:`, `	case err != nil:
		return debugged{}, problem.New(problem.AuthExpired, "It is gone.")
	case d == nil:`, suite, ""},
		{"renew: a dead login is not seen", refresh, `case d.Valid:`, `case d.Valid || !d.Valid:`, suite, ""},
	}
}
