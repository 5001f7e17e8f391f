package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
)

// graphError is the Graph API's error. Only message, type, code and fbtrace_id are always in the envelope.
// https://developers.facebook.com/docs/graph-api/guides/error-handling
type graphError struct {
	status    int
	message   string
	kind      string // "type" in the envelope; says next to nothing
	code      int
	subcode   int
	transient bool
	title     string
	userMsg   string
	data      map[string]any // "error_data": what a client needs to go on
	header    http.Header
}

// Error makes it usable as an error inside the fake.
func (e *graphError) Error() string { return e.message }

func (e *graphError) answer() answer {
	body := map[string]any{
		"message": e.message, "type": e.kind, "code": e.code, "fbtrace_id": "A" + randomText(12),
	}
	if e.subcode != 0 {
		body["error_subcode"] = e.subcode
	}
	if e.transient {
		body["is_transient"] = true
	}
	if e.title != "" {
		body["error_user_title"], body["error_user_msg"] = e.title, e.userMsg
		body["is_transient"] = e.transient
	}
	if e.data != nil {
		body["error_data"] = e.data
	}
	a := jsonAnswer(e.status, map[string]any{"error": body})
	maps.Copy(a.header, e.header)
	return a
}

// oauthErr is the common shape: HTTP 400 and type OAuthException.
func oauthErr(code, subcode int, format string, args ...any) *graphError {
	return &graphError{status: http.StatusBadRequest, kind: "OAuthException", code: code, subcode: subcode, message: fmt.Sprintf(format, args...)}
}

// paramErr is code 100: a bad or missing parameter.
func paramErr(format string, args ...any) *graphError {
	return oauthErr(100, 0, "(#100) "+format, args...)
}

// permissionErr is code 200: the token may not do this.
func permissionErr(format string, args ...any) *graphError {
	e := oauthErr(200, 0, "(#200) "+format, args...)
	e.status = http.StatusForbidden
	return e
}

// missingErr is 100/33: no such object, or not for this token.
func missingErr(method, id string) *graphError {
	e := oauthErr(100, 33, "Unsupported %s request. Object with ID '%s' does not exist, cannot be loaded due to missing permissions, or does not support this operation", strings.ToLower(method), id)
	e.kind = "GraphMethodException"
	return e
}

func unknownPathErr(path string) *graphError {
	return oauthErr(2500, 0, "Unknown path components: /%s", path)
}

// deadTokenErr is 190 with the subcode that says why.
func deadTokenErr(subcode int) *graphError {
	why := "The session has been invalidated."
	switch subcode {
	case 458:
		why = "The user has not authorized application."
	case 459:
		why = "You cannot access the app till you log in to www.facebook.com and follow the instructions given."
	case 460:
		why = "The session has been invalidated because the user changed their password or Facebook has changed the session for security reasons."
	case 463:
		why = "Session has expired."
	case 464:
		why = "Sessions for the user are not allowed because the user is not a confirmed user."
	case 492:
		why = "User does not have sufficient role on the Page."
	}
	e := oauthErr(190, subcode, "Error validating access token: %s", why)
	e.status = http.StatusUnauthorized
	return e
}

// refuse is the envelope of the injected faults.
func (m *meta) refuse(f fault, path string) answer {
	var e *graphError
	switch f.Kind {
	case fault401:
		e = deadTokenErr(463)
	case fault429:
		e = m.throttleFault(f, path)
	default:
		e = oauthErr(2, 0, "An unexpected error has occurred. Please retry your request later.")
		e.status, e.transient = http.StatusInternalServerError, true
	}
	if n := f.Code.number(); n != 0 {
		e.code, e.subcode = n, f.Subcode
	}
	if f.Subcode != 0 {
		e.subcode = f.Subcode
	}
	e.status = f.statusOr(e.status)
	return e.answer()
}
