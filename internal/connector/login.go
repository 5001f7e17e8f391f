package connector

import "slices"

// Login is one way in which a person gives Herald access to accounts of a platform. A platform has several where it
// has several apps or families of permissions, of which a person chooses one.
type Login struct {
	ID          string    `json:"id"`          // "facebook"; kept with whatever was linked by it
	Title       string    `json:"title"`       // "Facebook Login"
	Description string    `json:"description"` // a sentence: when to choose it
	Icon        string    `json:"icon"`        // name of an icon the page knows
	Scopes      []Scope   `json:"scopes"`
	Tokens      TokenLife `json:"tokens"`
	Accounts    []string  `json:"accounts"` // the kinds of accounts that it reaches
	// CannotDelete are those of Accounts on which Herald can delete posts, but not with this login.
	CannotDelete []string `json:"cannot_delete,omitempty"`
	// Revokes says whether Herald can give the access back. Where it cannot, RemoveURL is where the person removes it.
	Revokes   bool   `json:"revokes"`
	RemoveURL string `json:"remove_url"`
}

// Asks tells whether the login asks for a permission, and whether an account stops working without it: what an account
// is found by and published with is needed, what comments, numbers and deletions take is not.
func (l Login) Asks(permission string) (asked, needed bool) {
	for _, s := range l.Scopes {
		if s.Name == permission {
			return true, s.Required || s.Feature == "discover" || s.Feature == "publish"
		}
	}
	return false, false
}

// Login finds a login. An empty id, as accounts have that were linked when there was only one, is the first.
func (i Info) Login(id string) (Login, bool) {
	for _, l := range i.Logins {
		if id == "" || l.ID == id {
			return l, true
		}
	}
	return Login{}, false
}

// CanDelete tells whether a post can be removed from an account of the kind that was linked by the login.
func (i Info) CanDelete(kind, login string) bool {
	a, known := i.AccountKind(kind)
	l, offered := i.Login(login)
	return known && offered && a.CanDelete && !slices.Contains(l.CannotDelete, kind)
}
