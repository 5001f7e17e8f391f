package tenant

import "slices"

// Role is what a member is in a workspace. The values are part of the HTTP API.
type Role string

// The roles, strongest first.
const (
	Owner    Role = "owner"
	Admin    Role = "admin"
	Editor   Role = "editor"
	Approver Role = "approver"
	Viewer   Role = "viewer"
)

// Permission is what an operation asks of the caller.
type Permission string

// The permissions. Public operations ask for no session at all; Member ones for a session of any role.
const (
	Public  Permission = "public"
	Member  Permission = "member"  // what concerns the caller alone: the own session
	Read    Permission = "read"    // see posts, accounts, outcomes
	Compose Permission = "compose" // write, schedule, cancel; upload media
	Decide  Permission = "decide"  // retry, resolve a held job, delete what was published
	Connect Permission = "connect" // link, reconnect and disconnect accounts
	Manage  Permission = "manage"  // the workspace and its switches
)

// May tells whether a member with role r may do what asks for p. An unknown role may do nothing.
func (r Role) May(p Permission) bool {
	switch p {
	case Public:
		return true
	case Member, Read:
		return r.in(Owner, Admin, Editor, Approver, Viewer)
	case Compose:
		return r.in(Owner, Admin, Editor)
	case Decide:
		return r.in(Owner, Admin, Editor, Approver)
	case Connect, Manage:
		return r.in(Owner, Admin)
	default:
		return false
	}
}

func (r Role) in(roles ...Role) bool { return slices.Contains(roles, r) }
