import type { Session } from './session'

type Role = Session['member']['role']
type Permission = 'compose' | 'decide' | 'connect' | 'manage'

const allowed: Record<Permission, Role[]> = {
  compose: ['owner', 'admin', 'editor'],
  decide: ['owner', 'admin', 'editor', 'approver'],
  connect: ['owner', 'admin'],
  manage: ['owner', 'admin'],
}

/** What the page offers to a member. The API decides; this only hides buttons that would be refused. */
export function may(session: Session, permission: Permission): boolean {
  return allowed[permission].includes(session.member.role)
}
