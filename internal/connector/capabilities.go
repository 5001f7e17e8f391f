package connector

// Capabilities is what a connector can do beyond the contract. The page, the API and the suite read it.
type Capabilities struct {
	Candidates bool `json:"candidates"`
	Delete     bool `json:"delete"`
	Revoke     bool `json:"revoke"`
	Webhooks   bool `json:"webhooks"`
}

// CapabilitiesOf is the one place that asserts the optional interfaces.
func CapabilitiesOf(c Connector) Capabilities {
	_, lister := c.(CandidateLister)
	_, deleter := c.(Deleter)
	_, revoker := c.(Revoker)
	_, webhooks := c.(Webhooks)
	return Capabilities{Candidates: lister, Delete: deleter, Revoke: revoker, Webhooks: webhooks}
}
