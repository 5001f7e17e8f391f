package connector

import "net/http"

// Usage is how much of its call budgets a platform says is used, in percent; 0 = not said.
type Usage struct {
	Account int // of the account's own budget
	App     int // of the whole app's
}

// Pacer reads a platform's usage headers, so that Herald slows down before the platform refuses.
type Pacer interface {
	Usage(h http.Header) Usage
}
