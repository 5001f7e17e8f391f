package connector

// Capabilities is what a connector can do beyond the contract. The page, the API and the suite read it.
type Capabilities struct {
	Candidates bool `json:"candidates"`
	Delete     bool `json:"delete"`
	Edit       bool `json:"edit"`
	Revoke     bool `json:"revoke"`
	Refresh    bool `json:"refresh"`
	Webhooks   bool `json:"webhooks"`
	Metrics    bool `json:"metrics"`
	Comments   bool `json:"comments"`
	Hide       bool `json:"hide"`
	Offers     bool `json:"offers"`
	Subscribes bool `json:"subscribes"` // an account's webhooks come only when they are asked for
}

// CapabilitiesOf is the one place that asserts the optional interfaces.
func CapabilitiesOf(c Connector) Capabilities {
	_, lister := c.(CandidateLister)
	_, deleter := c.(Deleter)
	_, editor := c.(Editor)
	_, revoker := c.(Revoker)
	_, refresher := c.(Refresher)
	_, webhooks := c.(Webhooks)
	_, reporter := c.(Reporter)
	_, moderator := c.(Moderator)
	_, hider := c.(Hider)
	_, offerer := c.(Offerer)
	_, subscriber := c.(Subscriber)
	return Capabilities{
		Candidates: lister, Delete: deleter, Edit: editor, Revoke: revoker, Refresh: refresher, Webhooks: webhooks, Metrics: reporter,
		Comments: moderator, Hide: hider, Offers: offerer, Subscribes: subscriber,
	}
}
