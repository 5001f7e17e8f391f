package connector

import (
	"encoding/json"
	"log/slog"
)

const stars = "*****"

// Secret is a token. It prints stars wherever it is printed, logged or encoded; Reveal is for signing a request
// and for sealing, nothing else.
type Secret struct{ v string }

// NewSecret wraps a token.
func NewSecret(v string) Secret { return Secret{v} }

// Reveal gives the token.
func (s Secret) Reveal() string { return s.v }

// Empty tells whether there is none.
func (s Secret) Empty() bool { return s.v == "" }

// String hides the token.
func (s Secret) String() string { return stars }

// GoString hides the token from %#v.
func (s Secret) GoString() string { return stars }

// LogValue hides the token from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(stars) }

// MarshalJSON hides the token: a credential that must survive is sealed through vault, not encoded.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(stars) }
