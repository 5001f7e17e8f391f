package boot

import (
	"strings"

	"github.com/oklog/ulid/v2"
)

// NewID makes a lower-case ULID: 26 characters that sort by the time they were made.
func NewID() string { return strings.ToLower(ulid.Make().String()) }
