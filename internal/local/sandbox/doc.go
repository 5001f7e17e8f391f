// Package sandbox is a fake of the platforms Herald publishes to, for a laptop and for tests. It is written from the
// platforms' documents, refuses what they refuse, and imports nothing of Herald, so that it cannot share Herald's
// mistakes. One origin serves everything:
//
//	/meta/graph/v26.0/…               the Graph API (META_GRAPH_URL = origin + "/meta/graph")
//	/meta/rupload/video-upload/v26.0/ where the bytes of a video go
//	/meta/rupload/ig-api-upload/v26.0/ the same for a reel on Instagram
//	/meta/www/v26.0/dialog/oauth      the login dialog (META_DIALOG_URL = origin + "/meta/www")
//	/meta/pages/{page}                a Page's timeline; /meta/pages/{page}/posts/{post} one post
//	/tiktok/api/v2/…                  TikTok's API (TIKTOK_API_URL = origin + "/tiktok/api")
//	/tiktok/upload/video/             where the bytes of a video go
//	/tiktok/www/v2/auth/authorize/    the consent page (TIKTOK_DIALOG_URL = origin + "/tiktok/www")
//	/linkedin/api/rest/…  /v2/…       LinkedIn's API (LINKEDIN_API_URL = origin + "/linkedin/api")
//	/linkedin/www/oauth/v2/…          authorization page, tokens (LINKEDIN_OAUTH_URL = origin + "/linkedin/www")
//	/linkedin/www/dms-uploads/…       where the bytes of pictures, videos and documents go
//	/  /faults  /calls                people and clock, the fault panel, the log of calls
//	/actions                          forms for what people and the platform do: take things back, webhooks, tokens, quotas
//	/_sandbox/…                       the control API below
//
// # The consent page
//
// Elements with a stable id or name, for browser tests:
//
//	select#person                        who is logged in; button#switch applies it (by script on change)
//	input[name=scope][value=…]           a checkbox per permission; some cannot be unticked
//	input[name=page][value=…]            a checkbox per account to choose from, named as the platform says
//	button#allow, button#deny            the answer
//
// Every platform has the same page (consent.go), described with data. A test without a browser posts the same form to its
// URL (person, scope…, page…, decision=allow or deny) and reads Location, or uses POST /_sandbox/NAME/login.
//
// # The control API
//
// JSON in and out; unknown fields are refused.
//
//	GET    /_sandbox/health
//	POST   /_sandbox/reset                      back to the first start: state, faults, calls, clock, latency
//	GET    /_sandbox/clock                      {now, offset_seconds}
//	POST   /_sandbox/clock                      {advance_seconds}
//	POST   /_sandbox/latency                    {ms} added to every platform call
//	GET    /_sandbox/faults                     {faults, kinds, operations}
//	POST   /_sandbox/faults                     {op, kind, times, skip, match, delay_ms, status, code (number or words), subcode, minutes}
//	DELETE /_sandbox/faults[?id=…]
//	GET    /_sandbox/calls[?since=&op=&match=]  {calls, counts, accepted, last}; since = an earlier "last", or a time
//	GET    /_sandbox/revision                   changes when a page would look different
//	GET    /_sandbox/meta/people                [{id, name, pages: [{id, name}]}]
//	GET    /_sandbox/meta/pages[?page=…]        [{id, name, posts: [{id, message, photos, created_time, permalink_url, …}]}]
//	POST   /_sandbox/meta/seed                  {person, pages: ["name" or {name, username, category, tasks, no_token,
//	                                            duplicate_check, processing_seconds, instagram, fans, business, client}], empty_page} -> {person, pages}
//	GET    /_sandbox/meta/instagram[?page=…|id=…]  [{id, username, page_id, media: [{id, caption, photos, comments, …}]}]
//	POST   /_sandbox/meta/instagram/{id}        {polls, slow_seconds, hidden, fail_code, fail_times, quota_total, quota_used, containers,
//	                                            list_lag, few_viewers}: how the account behaves
//	POST   /_sandbox/meta/instagram/{id}/media  {caption, media_product_type, timestamp}: a post made by hand
//	POST   /_sandbox/meta/instagram/{id}/revoke the app of Instagram Login removed: its tokens are dead
//	POST   /_sandbox/meta/instagram/{id}/deauthorize  the same, and the app is told by the signed_request -> {status, body}
//	POST   /_sandbox/meta/token                 {person, page, scopes, short} -> {user_token, page_token}
//	POST   /_sandbox/meta/login                 {url, person, decline: [scope], accounts: [id], deny} -> {location}
//	POST   /_sandbox/meta/posts                 {page, message, application_id, visitor, created_time} -> {id, permalink_url}
//	POST   /_sandbox/meta/comments              {post, parent, message, name, share, notify, own}: as a fan, of a Page's or an
//	                                            Instagram post; share = with the name, notify = the app is told, if it is
//	                                            subscribed to the account -> {id}
//	POST   /_sandbox/meta/videos/{id}/fail      its processing fails
//	POST   /_sandbox/meta/people/{id}/revoke    {subcode, page}: 458 (default) 459 460 463 464 492
//	POST   /_sandbox/meta/throttle              {percent, minutes}: what the usage header says; minutes > 0 refuses calls
//	POST   /_sandbox/meta/pages/{id}/throttle   the same for one Page
//	POST   /_sandbox/meta/settings              {require_proof, dead_metrics: [name]}: numbers that are retired
//	POST   /_sandbox/meta/callback              {url, verify_token, deauthorize_url, deletion_url}, after the handshake
//	POST   /_sandbox/meta/webhook               {object, entry, signature: "" bad sha1 none} -> the app's {status, body}
//	POST   /_sandbox/meta/webhook/comment       {post, from, message, verb, comment_id, as_page} -> {comment_id, status};
//	                                            status 0: the app is not subscribed to the Page
//	POST   /_sandbox/meta/people/{id}/deauthorize   removes the app and sends the signed_request -> {status, body}
//	POST   /_sandbox/meta/people/{id}/delete-data   sends the signed_request -> {status, body}
//	POST   /_sandbox/meta/people/{id}/permission    {permission, pages}: takes it back and tells the app -> {status, body}
//	POST   /_sandbox/meta/people/{id}/limit         {permission, pages}: it holds for these Pages only
//
//	POST   /_sandbox/tiktok/seed                {username, nickname, and traits as below} -> {open_id, username}
//	POST   /_sandbox/tiktok/token               {creator, scopes, access_seconds, refresh_seconds} -> as the token endpoint answers
//	POST   /_sandbox/tiktok/login               {url, accounts: [open_id], decline: [scope], deny} -> {location}
//	POST   /_sandbox/tiktok/redirects           {uris}: those that the portal would take
//	POST   /_sandbox/tiktok/settings            {audited, desktop, access_seconds, refresh_seconds, oauth_status, active_cap, verified,
//	                                            callback, left_out, id_as_text}: those that are given change
//	GET    /_sandbox/tiktok/creators[?id=…]     [{open_id, username, scopes, posts, inbox, tasks}]
//	POST   /_sandbox/tiktok/creators/{id}       {private, comment_disabled, duet_disabled, stitch_disabled, max_seconds, banned, day_cap,
//	                                            other_posts, old_app, processing_seconds, pull_seconds, moderation_seconds, levels, fail,
//	                                            fail_times}: those that are given change
//	POST   /_sandbox/tiktok/creators/{id}/remove  {reason}: the app is removed and told so
//	POST   /_sandbox/tiktok/posts               {creator, title, privacy_level, at}: a post made by hand
//	POST   /_sandbox/tiktok/posts/{id}/hide     it is not public any more
//	POST   /_sandbox/tiktok/drafts/{id}/post    {title, privacy_level}: the person posts a draft from the inbox
//	POST   /_sandbox/tiktok/webhook             {event, creator, content, client_key, create_time, signature: "" bad none altered future old}
//	POST   /_sandbox/tiktok/flush               delivers at once what is due
//
//	GET    /_sandbox/linkedin/people            [{id, name, organizations: [{id, name}]}]
//	GET    /_sandbox/linkedin/accounts?id=…     {id, urn, posts: [{id, text, commentary, links, content, visible, …}], subscribers}: text is what
//	                                            readers see, links the hashtags and mentions that lead somewhere
//	POST   /_sandbox/linkedin/seed              {person, organizations: [{id, name, role, state}], short_pages, few_viewers}
//	POST   /_sandbox/linkedin/token             {person, personal, scopes, refresh, lag} -> {access_token, refresh_token, expires_at};
//	                                            lag = calls for which it counts as revoked
//	POST   /_sandbox/linkedin/login             {url, person, deny} -> {location}
//	POST   /_sandbox/linkedin/posts             {author, commentary, app, kind, no_reshare, created} -> {id, activity}
//	POST   /_sandbox/linkedin/comments          {post, parent, name, message}: a reader's; the app is told if it subscribed -> {id}
//	POST   /_sandbox/linkedin/media/fail        {media or owner}: its processing fails
//	POST   /_sandbox/linkedin/people/{id}/revoke  the app removed under Permitted services; nobody is told
//	POST   /_sandbox/linkedin/people/{id}/role  {organization, role}: another role; empty = none
//	POST   /_sandbox/linkedin/quota             {op, person}: used up until midnight UTC; without a person the app's
//	POST   /_sandbox/linkedin/settings          {partner, polls, part_bytes, dead_metrics}: partner = the apps get refresh tokens
//	POST   /_sandbox/linkedin/callback          {url}, after the challenge
//	POST   /_sandbox/linkedin/webhook           {notifications, signature: "" bad plain none} -> the app's {status, body}
//
// Tests that run in parallel each seed their own person and Pages, narrow faults and calls with match (a Page's id),
// and leave the clock alone; a test about time starts its own sandbox.
//
// # Where the documents are silent
//
// A fault "429" on Meta answers 403 with code 80001 (calls on a Page) or 4, as Meta does; set status for another one.
// A reel is finished once, and again is refused; the 31st of a day is refused with 613 at its start. An upload of fewer
// bytes than are missing is a PartialRequestError, and what arrived is kept. A fan's comment on a
// Page has no "from" unless the fan shares it, and none is listed without pages_read_user_content. The Page's own comments
// cannot be hidden. Deleting a comment deletes the answers to it.
// An account's comments are told of only where the app is subscribed to it; a raw /_sandbox/meta/webhook asks nobody. A
// subscription outlives the token that it was made with.
// A post with several photos lists them as one attachment of type "album" with subattachments. /{page}/feed also has
// visitors' and unpublished posts. Links to hosts below .invalid count as unreachable.
// An Instagram container that waits for bytes says IN_PROGRESS. What is wrong with a video, its container says, with
// subcode 2207026; where the moov box lies and edit lists are not looked at. The 401st container of a day is refused with
// 9/2207042. A reel that is kept out of the feed is in /{ig}/media all the same.
// TikTok ends the access token before, too, when a pair is refreshed, and the new pair lives as long as the first did. A
// code lives ten minutes. A chunk that was stored already is a 416. Caps of posts and of creators count what arrived whole.
// The windows of a minute are a person's, whatever the token. A field that was not granted is refused, not left out. Photos
// are listed among the videos. Files are fetched by http from this machine only; TikTok itself wants https.
//
// LinkedIn's authorization page asks everybody, also who has consented before. Everything in a post's body is checked against a
// schema first (422), then against the rules (400). A hashtag has a letter in it. Doubles are told by the author and the whole
// body. Statistics are made up of the comments; a post without any has none. A post of the kind share without comments is not
// found when they are listed. Of an organization's roles the key is "organization" in the first entry, "organizationTarget"
// in later ones.
package sandbox
