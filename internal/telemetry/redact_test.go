package telemetry_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/herald-publishing/herald/internal/telemetry"
)

// Canaries: no test may find any of them in an output.
//
//nolint:gosec // they only look like credentials
const (
	metaToken  = "EAACanary7Meta0Token9abcdef"
	igToken    = "IGQVJCanary7Insta0Token9"
	plainToken = "canary-plain-5ecret"
	apiKey     = "hk_canary_0123456789abcdef"
	session    = "ten_01k9z8x7w6v5t4s3r2q1p0n9m8.cAnArYcAnArYcAnArYcAnArYcAnArYcAnArYcAnArY_-0"
	jwt        = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnLWNhbmFyeQ"
)

//nolint:gosec // the credentials are canaries
func TestRedactTakesOutWhatIsSecret(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"GET /me?fields=id&access_token=" + plainToken + "&limit=2": "GET /me?fields=id&access_token=*****&limit=2",
		"https://h/x?code=" + plainToken + "#_=_":                   "https://h/x?code=*****#_=_",
		"?state=" + plainToken + "&code=1":                          "?state=*****&code=*****",
		"redirect=https%3A%2F%2Fh%3Faccess_token%3D" + plainToken:   "redirect=https%3A%2F%2Fh%3Faccess_token%3D*****",
		"x%3Fcode%3D" + plainToken:                                  "x%3Fcode%3D*****",
		"Authorization: Bearer " + plainToken + "\nHost: h":         "Authorization: *****\nHost: h",
		"sent Bearer " + plainToken + " twice":                      "sent Bearer ***** twice",
		"OAuth " + plainToken:                                       "OAuth *****",
		"Cookie: a=1; herald_session=" + session:                    "Cookie: *****",
		"herald_session=" + session + "; Path=/":                    "herald_session=*****; Path=/",
		"session " + session + " ended":                             "session ten_01k9z8x7w6v5t4s3r2q1p0n9m8.***** ended",
		"token_" + metaToken + ".":                                  "token_*****",
		"a " + metaToken + " b":                                     "a ***** b",
		igToken + " b":                                              "***** b",
		"key " + apiKey:                                             "key *****",
		"id " + jwt + " ok":                                         "id ***** ok",
		"/b/o?X-Amz-Credential=AK%2F2026&X-Amz-Date=1&X-Amz-Signature=abc&X-Amz-Security-Token=q": "/b/o?X-Amz-Credential=*****&X-Amz-Date=1&X-Amz-Signature=*****&X-Amz-Security-Token=*****",
		`{"access_token":"` + plainToken + `","expires_in":5}`:                                    `{"access_token":"*****","expires_in":5}`,
		`{\"client_secret\": \"` + plainToken + `\"}`:                                             `{\"client_secret\": \"*****\"}`,
		`map[Authorization:[Bearer ` + plainToken + `] Host:[h]]`:                                 `map[Authorization:[*****] Host:[h]]`,
		"fb_exchange_token=" + plainToken + "&appsecret_proof=aa11":                               "fb_exchange_token=*****&appsecret_proof=*****",
	} {
		require.Equal(t, want, telemetry.Redact(in))
	}
}

func TestRedactLeavesWhatIsNot(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "published to Cafe Ada", "auth_expired meta 190/463: The access ended.", `{"code":190,"error_subcode":463}`,
		"job pst_01k9z8x7w6v5t4s3r2q1p0n9m8.con_01k9z8x7w6v5t4s3r2q1p0n9m8 is in state running", "state: queued",
		"token_version=3", "the OAuth dialog said no", "IG is short", "https://graph.facebook.com/v26.0/me/accounts?fields=id,name&limit=100",
		"token=", "access_token", "a=b&c=d", "Bearer", "100%", "%", "日本 ☕",
	} {
		require.Equal(t, s, telemetry.Redact(s))
	}
}

func FuzzRedact(f *testing.F) {
	for _, s := range []string{"", "a", `token="`, "%", "code=", "Authorization: ", `{"x":`, "eyJaaaaaaaaaaaaaa", "ten_a.", `\`, "\x00é"} {
		f.Add(s, s)
		f.Add(s, "")
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		for _, secret := range []string{metaToken, "?access_token=" + plainToken, " Bearer " + plainToken, "&code=" + plainToken, " " + apiKey, ";herald_session=" + session} {
			out := telemetry.Redact(before + secret + after)
			for _, canary := range []string{metaToken, plainToken, apiKey, session[31:]} {
				if strings.Contains(before+after, canary) {
					t.Skip("the surroundings hold the canary themselves")
				}
				require.NotContains(t, out, canary)
			}
		}
		once := telemetry.Redact(before + after)
		require.Equal(t, once, telemetry.Redact(once), "stars stay stars")
	})
}

func BenchmarkRedact(b *testing.B) {
	for name, s := range map[string]string{
		"nothing": "job pst_01k9z8x7w6v5t4s3r2q1p0n9m8.con_01k9z8x7w6v5t4s3r2q1p0n9m8 published to Cafe Ada in 412 ms",
		"token":   "GET https://graph.facebook.com/v26.0/me/accounts?access_token=" + metaToken + "&limit=100",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = telemetry.Redact(s)
			}
		})
	}
}
