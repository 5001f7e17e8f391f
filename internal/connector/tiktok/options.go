package tiktok

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/herald-publishing/herald/internal/connector"
)

// The options, and what the declaration's checkbox stands for. https://developers.tiktok.com/doc/content-sharing-guidelines
const (
	optPrivacy  = "privacy_level"
	optComment  = "allow_comment"
	optDuet     = "allow_duet"
	optStitch   = "allow_stitch"
	optDisclose = "disclose"
	optOwn      = "your_brand"
	optBranded  = "branded_content"
	optAI       = "is_aigc"
	optCover    = "cover_seconds"
	optTitle    = "title"
	optMusic    = "auto_add_music"
	optPicture  = "cover_photo"
	optConsent  = "consent"

	consentMusic   = "music_usage"
	consentBranded = "branded_content_and_music_usage"

	levelPublic    = "PUBLIC_TO_EVERYONE"
	levelFriends   = "MUTUAL_FOLLOW_FRIENDS"
	levelFollowers = "FOLLOWER_OF_CREATOR"
	levelSelf      = "SELF_ONLY"

	musicURL   = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
	brandedURL = "https://www.tiktok.com/legal/page/global/bc-policy/en"
)

// choices are what an account offers.
type choices struct {
	levels                      []string // who may see a post, in the platform's order
	noComment, noDuet, noStitch bool     // switched off in the account's settings
	longestMs                   int64    // of a video
}

// anything is what the kind of account offers at most.
func anything() choices {
	return choices{levels: []string{levelPublic, levelFriends, levelFollowers, levelSelf}, longestMs: longestVideoMs}
}

func levelTitle(level string) string {
	titles := map[string]string{levelPublic: "Everyone", levelFriends: "Friends", levelFollowers: "Followers", levelSelf: "Only me"}
	if t, ok := titles[level]; ok {
		return t
	}
	return level // one that is new at TikTok; the account offers it
}

// text writes a JSON string.
func text(s string) string {
	raw, _ := json.Marshal(s) // texts always encode
	return string(raw)
}

// toggle is a switch that is off until somebody turns it on; fixed where the account does not allow it.
func toggle(name, title, description string, off bool) string {
	fixed := ""
	if off {
		fixed, description = `"const":false,`, "Switched off in the account's settings."
	}
	if description != "" {
		fixed += `"description":` + text(description) + ","
	}
	return fmt.Sprintf(`%q:{"type":"boolean","title":%s,%s"default":false}`, name, text(title), fixed)
}

// privacy has no value that is chosen already: the guidelines want the person to choose.
func privacy(o choices) string {
	var all []string
	for _, level := range o.levels {
		all = append(all, fmt.Sprintf(`{"const":%s,"title":%s}`, text(level), text(levelTitle(level))))
	}
	return fmt.Sprintf(`%q:{"type":"string","title":"Who can see it","oneOf":[%s]}`, optPrivacy, strings.Join(all, ","))
}

// disclosure asks whether the post promotes something. The sentences are those that the guidelines want to be shown.
func disclosure() string {
	return strings.Join([]string{
		toggle(optDisclose, "Disclose commercial content", "Turn on if this post promotes a brand, a product or a service.", false),
		toggle(optOwn, "Your brand", "You promote yourself or your own business. The post is labeled “Promotional content”.", false),
		toggle(optBranded, "Branded content", "You promote another brand or a third party. The post is labeled “Paid partnership”.", false),
	}, ",")
}

// consent is the declaration next to the button. Its wording depends on whether the content is branded.
func consent() string {
	return fmt.Sprintf(`%q:{"type":"string","title":"Declaration"}`, optConsent)
}

// rules are what goes together: a disclosure says of what, branded content is not private, and the declaration fits.
func rules() string {
	on := func(name string) string {
		return fmt.Sprintf(`{"properties":{%q:{"const":true}},"required":[%q]}`, name, name)
	}
	declare := func(value, sentence string) string {
		return fmt.Sprintf(`%q:{"const":%q,"title":%s}`, optConsent, value, text(sentence))
	}
	const off = `{"description":"Turn on the disclosure of commercial content to say what the post promotes.","const":false}`
	music := "By posting, you agree to TikTok's [Music Usage Confirmation](" + musicURL + ")."
	branded := "By posting, you agree to TikTok's [Branded Content Policy](" + brandedURL + ") and [Music Usage Confirmation](" + musicURL + ")."
	return fmt.Sprintf(`"required":[%q,%q],"allOf":[`, optPrivacy, optConsent) +
		`{"if":` + on(optDisclose) + `,"then":{"description":"You need to indicate if your content promotes yourself, a third party, or both.",` +
		`"anyOf":[` + on(optOwn) + `,` + on(optBranded) + `]},` +
		fmt.Sprintf(`"else":{"properties":{%q:%s,%q:%s}}},`, optOwn, off, optBranded, off) +
		`{"if":` + on(optBranded) + `,"then":{"properties":{` +
		fmt.Sprintf(`%q:{"description":"You promote yourself or your own business, too. The post is labeled “Paid partnership”."},`, optOwn) +
		fmt.Sprintf(`%q:{"description":"Branded content visibility cannot be set to private.","not":{"const":%q}},`, optPrivacy, levelSelf) + declare(consentBranded, branded) +
		`}},"else":{"properties":{` + declare(consentMusic, music) + `}}}]`
}

func schema(rules string, properties ...string) json.RawMessage {
	if rules != "" {
		rules = "," + rules
	}
	return json.RawMessage(`{"type":"object","additionalProperties":false,"properties":{` + strings.Join(properties, ",") + `}` + rules + `}`)
}

func videoOptions(o choices) json.RawMessage {
	return schema(rules(), privacy(o),
		toggle(optComment, "Allow comments", "", o.noComment), toggle(optDuet, "Allow duet", "", o.noDuet), toggle(optStitch, "Allow stitch", "", o.noStitch),
		disclosure(),
		toggle(optAI, "AI-generated content", "TikTok shows a label.", false),
		fmt.Sprintf(`%q:{"type":"number","title":"Cover: a moment of the video","description":"In seconds from the start.","minimum":0,"maximum":%d}`, optCover, longestVideoMs/1000),
		consent())
}

// headline is a title above the description, which only posts with photos have.
func headline() string {
	return fmt.Sprintf(`%q:{"type":"string","title":"Title","maxLength":%d}`, optTitle, maxPhotoTitle)
}

func cover() string {
	return fmt.Sprintf(`%q:{"type":"integer","title":"Cover: number of the picture","minimum":1,"maximum":%d,"default":1}`, optPicture, maxPhotoCount)
}

func photoOptions(o choices) json.RawMessage {
	return schema(rules(), headline(), privacy(o), toggle(optComment, "Allow comments", "", o.noComment),
		toggle(optMusic, "Add music", "TikTok chooses it; you can change it in the app.", false), disclosure(), cover(), consent())
}

func draftOptions() json.RawMessage { return schema("", headline(), cover()) }

// options are a draft's, read. What the schema has checked before may be old, so everything is checked again.
type options struct {
	Privacy  string  `json:"privacy_level"`
	Comment  bool    `json:"allow_comment"`
	Duet     bool    `json:"allow_duet"`
	Stitch   bool    `json:"allow_stitch"`
	Disclose bool    `json:"disclose"`
	Own      bool    `json:"your_brand"`
	Branded  bool    `json:"branded_content"`
	AI       bool    `json:"is_aigc"`
	Cover    float64 `json:"cover_seconds"`
	Title    string  `json:"title"`
	Music    bool    `json:"auto_add_music"`
	Picture  int     `json:"cover_photo"`
	Consent  string  `json:"consent"`
}

func readOptions(d connector.Draft) (options, error) {
	o := options{}
	raw, err := json.Marshal(d.Options)
	if err == nil {
		err = json.Unmarshal(raw, &o)
	}
	if err != nil {
		return o, invalid("options", "The options of this post cannot be read. Choose them again.", docDirect)
	}
	return o, nil
}

// check refuses what the guidelines forbid, before anything is sent.
func (o options) check() error {
	agreed := consentMusic
	if o.Branded {
		agreed = consentBranded
	}
	switch {
	case o.Privacy == "":
		return invalid("options."+optPrivacy, "Choose who can see the post.", docGuidelines)
	case o.Disclose && !o.Own && !o.Branded:
		return invalid("options."+optDisclose, "You need to indicate if your content promotes yourself, a third party, or both.", docGuidelines)
	case !o.Disclose && (o.Own || o.Branded):
		return invalid("options."+optDisclose, "What the post promotes is said together with the disclosure of commercial content.", docGuidelines)
	case o.Branded && o.Privacy == levelSelf:
		return invalid("options."+optPrivacy, "Branded content visibility cannot be set to private.", docGuidelines)
	case o.Consent != agreed:
		return invalid("options."+optConsent, "The declaration that belongs to this post was not agreed to.", docGuidelines)
	}
	return nil
}

// offered refuses what the account does not offer any more. Nothing is chosen in its place.
func (o options) offered(by choices) error {
	switch {
	case !slices.Contains(by.levels, o.Privacy):
		e := invalid("options."+optPrivacy, "The account does not offer “"+levelTitle(o.Privacy)+"” any more. Choose again who can see the post.", docGuidelines)
		return e
	case o.Comment && by.noComment:
		return invalid("options."+optComment, "Comments are switched off in the account's settings.", docGuidelines)
	case o.Duet && by.noDuet:
		return invalid("options."+optDuet, "Duet is switched off in the account's settings.", docGuidelines)
	case o.Stitch && by.noStitch:
		return invalid("options."+optStitch, "Stitch is switched off in the account's settings.", docGuidelines)
	}
	return nil
}
