package sandbox

import (
	"crypto/subtle"
)

// exchange is /oauth/access_token: a code, or with grant_type=fb_exchange_token a token, becomes a token.
// https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow
func (m *meta) exchange(c *graphCall) (any, *graphError) {
	p := c.params
	if p.Get("client_id") == "" {
		return nil, oauthErr(101, 0, "Missing client_id parameter.")
	}
	if p.Get("client_id") != metaClientID {
		return nil, oauthErr(101, 0, "Error validating application. Cannot get application info due to a system error.")
	}
	if subtle.ConstantTimeCompare([]byte(p.Get("client_secret")), []byte(metaClientSecret)) == 0 {
		return nil, oauthErr(1, 0, "Error validating client secret.")
	}
	switch p.Get("grant_type") {
	case "", "authorization_code":
		return m.exchangeCode(c)
	case "fb_exchange_token":
		return m.exchangeToken(c)
	case "client_credentials":
		return map[string]any{"access_token": metaClientID + "|" + metaClientSecret, "token_type": "bearer"}, nil
	}
	return nil, paramErr("Unsupported grant_type.")
}

func (m *meta) exchangeCode(c *graphCall) (any, *graphError) {
	p := c.params
	if p.Get("code") == "" {
		return nil, oauthErr(100, 0, "Missing code parameter.")
	}
	if p.Get("redirect_uri") == "" {
		return nil, oauthErr(191, 0, "Missing redirect_uri parameter.")
	}
	code := m.st.Codes[p.Get("code")]
	switch {
	case code == nil:
		return nil, oauthErr(100, 0, "Invalid verification code format.")
	case code.Used:
		return nil, oauthErr(100, 36009, "This authorization code has been used.")
	case c.now.Sub(code.IssuedAt) >= metaCodeLife:
		return nil, oauthErr(100, 36007, "This authorization code has expired.")
	case p.Get("redirect_uri") != code.RedirectURI:
		return nil, oauthErr(100, 36008, "Error validating verification code. Please make sure your redirect_uri is identical to the one you used in the OAuth dialog request")
	}
	if person := m.st.person(code.Person); person.Grant == nil {
		return nil, deadTokenErr(458)
	}
	code.Used = true
	m.sb.changed()
	value := m.st.mint(metaToken{
		Kind: metaUserToken, Person: code.Person, Scopes: code.Scopes, IssuedAt: c.now,
		ExpiresAt: c.now.Add(metaShortLife), DataUntil: c.now.Add(metaDataAccess),
	})
	return map[string]any{"access_token": value, "token_type": "bearer", "expires_in": seconds(metaShortLife)}, nil
}

// exchangeToken makes a long-lived user token of a live one. There is no other way to prolong it, and an expired
// one is lost. https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
func (m *meta) exchangeToken(c *graphCall) (any, *graphError) {
	raw := c.params.Get("fb_exchange_token")
	if raw == "" {
		return nil, oauthErr(100, 0, "Missing fb_exchange_token parameter.")
	}
	old, err := m.find(raw)
	if err != nil {
		return nil, err
	}
	if err := m.check(old, c.now); err != nil {
		return nil, err
	}
	if old.Kind != metaUserToken {
		return nil, paramErr("fb_exchange_token must be a user access token.")
	}
	m.sb.changed()
	value := m.st.mint(metaToken{
		Kind: metaUserToken, Person: old.Person, Scopes: old.Scopes, Long: true, IssuedAt: c.now,
		ExpiresAt: c.now.Add(metaLongLife), DataUntil: old.DataUntil,
	})
	return map[string]any{"access_token": value, "token_type": "bearer", "expires_in": seconds(metaLongLife)}, nil
}

// debugToken describes a token. A bad one is an answer, not an error.
// https://developers.facebook.com/docs/graph-api/reference/debug_token
func (m *meta) debugToken(c *graphCall) (any, *graphError) {
	if c.token.Kind == metaPageToken {
		return nil, paramErr("You must provide an app access token, or a user access token that is an owner or developer of the app")
	}
	raw := c.params.Get("input_token")
	if raw == "" {
		return nil, paramErr("The parameter input_token is required.")
	}
	t, gerr := m.find(raw)
	if gerr != nil {
		return invalidToken(map[string]any{"scopes": []string{}}, gerr), nil
	}
	if t.Kind == metaAppToken {
		return map[string]any{"data": map[string]any{"app_id": metaClientID, "type": metaAppToken, "application": metaAppName, "is_valid": true, "scopes": []string{}}}, nil
	}
	data := map[string]any{
		"app_id": metaClientID, "type": t.Kind, "application": metaAppName, "is_valid": true, "user_id": t.Person,
		"issued_at": t.IssuedAt.Unix(), "expires_at": int64(0), "data_access_expires_at": t.DataUntil.Unix(),
	}
	if !t.ExpiresAt.IsZero() {
		data["expires_at"] = t.ExpiresAt.Unix()
	}
	if t.Kind == metaPageToken {
		data["profile_id"] = t.Page
	}
	scopes, granular := m.granular(t)
	data["scopes"], data["granular_scopes"] = scopes, granular
	if gerr := m.check(t, c.now); gerr != nil {
		return invalidToken(data, gerr), nil
	}
	return map[string]any{"data": data}, nil
}

// granular lists the granted permissions and the Pages they were given for; without target_ids it is all of them.
func (m *meta) granular(t *metaToken) ([]string, []map[string]any) {
	scopes, granular := []string{}, []map[string]any{}
	for _, s := range t.Scopes {
		if !m.allows(t, s) {
			continue
		}
		scopes = append(scopes, s)
		g := map[string]any{"scope": s}
		if grant := m.st.person(t.Person).Grant; metaPageScope(s) && !grant.AllPages {
			g["target_ids"] = grant.Pages
		}
		if pages, limited := m.st.person(t.Person).Grant.Limits[s]; limited {
			g["target_ids"] = pages
		}
		granular = append(granular, g)
	}
	return scopes, granular
}

func invalidToken(data map[string]any, why *graphError) map[string]any {
	data["is_valid"] = false
	e := map[string]any{"code": why.code, "message": why.message}
	if why.subcode != 0 {
		e["subcode"] = why.subcode
	}
	data["error"] = e
	return map[string]any{"data": data}
}
